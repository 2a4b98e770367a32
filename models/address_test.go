package models_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/arrivals"
	"parley/models/conversations/outbox"
	"parley/models/conversations/receipts"
	"parley/models/internal/base"
	"parley/models/modelstest"
	"parley/models/notifications"
	"parley/models/people"
	"parley/whatsapp"
)

const clinicNumber, shopNumber = "+15550100200", "+15550100300"

var (
	numberA = whatsapp.Address{Phone: "+4915111111111"}
	numberB = whatsapp.Address{Phone: "+4915122222222"}
	userU   = whatsapp.Address{ID: "BR.15025763946ab5843"}
)

// room is a database with two senders, in which people write and contacts are merged.
type room struct {
	t     *testing.T
	store *models.Store
	clock *modelstest.Clock
	sids  int
}

func newRoom(t *testing.T) *room {
	t.Helper()
	store, clock := modelstest.New(t)
	r := &room{t: t, store: store, clock: clock}
	r.exec("INSERT INTO senders (name, phone, kind) VALUES ('Clinic', $1, 'business'), ('Shop', $2, 'business')",
		clinicNumber, shopNumber)
	return r
}

func (r *room) exec(sql string, args ...any) {
	r.t.Helper()
	if _, err := modelstest.PoolOf(r.store).Exec(r.t.Context(), sql, args...); err != nil {
		r.t.Fatalf("%v\n%s", err, sql)
	}
}

func (r *room) in(fn func(*models.Tx) error) {
	r.t.Helper()
	if err := r.store.InTx(r.t.Context(), fn); err != nil {
		r.t.Fatal(err)
	}
}

// writes receives a message, as services/messaging does, and moves the clock by an hour.
func (r *room) writes(sender string, from whatsapp.Address, userID string) {
	r.t.Helper()
	r.sids++
	sid := "SM" + strings.Repeat("0", 30) + string(rune('a'+r.sids/26)) + string(rune('a'+r.sids%26))
	r.in(func(tx *models.Tx) error {
		a, err := arrivals.Arrive(tx, sender, from, "", userID)
		if err != nil {
			return err
		}
		m := &conversations.Message{
			ConversationID: a.Conversation.ID,
			SenderID:       a.Sender.ID,
			AddressID:      &a.AddressID,
			Direction:      whatsapp.Inbound,
			Kind:           whatsapp.KindText,
			Body:           "hello",
			TwilioSid:      &sid,
			Status:         whatsapp.Received,
		}
		receipt := &receipts.WebhookReceipt{Kind: receipts.MessageReceipt, Verdict: receipts.VerdictAccepted, MessageSid: sid}
		if _, _, err := arrivals.Arrived(tx, a, m, receipt); err != nil {
			return err
		}
		if err := arrivals.HeardFrom(tx, a); err != nil {
			return err
		}
		if err := arrivals.Link(tx, a); err != nil {
			return err
		}
		now, closes := tx.Now(), whatsapp.WindowCloses(tx.Now())
		a.Conversation.LastInboundAt, a.Conversation.WindowClosesAt = &now, &closes
		return conversations.SaveConversation(tx, a.Conversation)
	})
	r.clock.Move(time.Hour)
}

// contactAt is the contact that an address belongs to.
func (r *room) contactAt(a whatsapp.Address) *people.Contact {
	r.t.Helper()
	found, err := notifications.Read(r.store).ContactsAtMatches(r.t.Context(), []string{a.Match()})
	if err != nil || found[a.Match()] == nil {
		r.t.Fatalf("nobody at %s: %v", a, err)
	}
	return found[a.Match()]
}

func (r *room) merge(keep, drop whatsapp.Address) {
	r.t.Helper()
	k, d := r.contactAt(keep), r.contactAt(drop)
	r.in(func(tx *models.Tx) error {
		for _, c := range []*people.Contact{k, d} {
			locked, err := people.ContactByIDForUpdate(tx, c.ID)
			if err != nil {
				return err
			}
			*c = *locked
		}
		return arrivals.Merge(tx, models.System("test"), k, d)
	})
}

// stands describes a person's conversation with a sender: the address that replies go to, and the addresses with an
// open session: "+49…1: +49…1 BR.…".
func (r *room) stands(sender string, of whatsapp.Address) string {
	r.t.Helper()
	ctx := r.t.Context()
	c := r.contactAt(of)
	list, err := conversations.Read(r.store).ConversationsOf(ctx, c.ID)
	if err != nil {
		r.t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(v conversations.Conversation) bool { return v.Sender.Phone == sender })
	if i < 0 {
		return "no conversation"
	}
	addresses, err := people.Read(r.store).AddressesOf(ctx, c.ID)
	if err != nil {
		r.t.Fatal(err)
	}
	answers, open := "nobody", ""
	for _, a := range addresses {
		to, err := conversations.Read(r.store).RecipientAt(ctx, &list[i], a.To())
		if err != nil {
			r.t.Fatal(err)
		}
		if list[i].AddressID != nil && *list[i].AddressID == a.ID {
			answers = short(a.To())
		}
		if to.WindowOpen(r.clock.Now()) {
			open += " " + short(a.To())
		}
	}
	return answers + ":" + open
}

func short(a whatsapp.Address) string {
	return map[whatsapp.Address]string{numberA: "A", numberB: "B", userU: "U"}[a]
}

// plays runs events in order: "A" writes to the clinic, "AU" does so with the user id in the webhook as well, "shop:A"
// writes to the shop, "30h" pass, "A<B" merges B into A. Each message takes an hour.
func (r *room) plays(story string) {
	r.t.Helper()
	of := map[string]whatsapp.Address{"A": numberA, "B": numberB, "U": userU}
	for step := range strings.FieldsSeq(story) {
		sender := clinicNumber
		if rest, ok := strings.CutPrefix(step, "shop:"); ok {
			sender, step = shopNumber, rest
		}
		keep, drop, merged := strings.Cut(step, "<")
		switch passed, err := time.ParseDuration(step); {
		case err == nil:
			r.clock.Move(passed)
		case merged:
			r.merge(of[keep], of[drop])
		case len(step) == 2:
			r.writes(sender, of[step[:1]], of[step[1:]].ID)
		default:
			r.writes(sender, of[step], "")
		}
	}
}

// Which address a conversation's replies go to, and which addresses a free-form message may be sent to.
func TestConversationsAnswerWhoWrote(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	for name, c := range map[string]struct {
		story string
		want  string // with the clinic: the address for replies, and the addresses with an open session
		shop  string // with the shop, if somebody wrote to it
	}{
		"one number":                           {"A", "A: A", ""},
		"a day later":                          {"A 24h", "A:", ""},
		"merged, then A writes":                {"A B 30h A<B A", "A: A", ""},
		"merged, then B writes":                {"A B 30h A<B B", "B: B", ""},
		"merged the other way, then A writes":  {"A B 30h B<A A", "A: A", ""},
		"merged after B wrote last":            {"A 30h B A<B", "B: B", ""},
		"merged after A wrote last":            {"B 30h A B<A", "A: A", ""},
		"merged while both are open":           {"A B A<B", "B: A B", ""},
		"both open, the first one ends":        {"A 10h B A<B 13h", "B: B", ""},
		"A again after B: B keeps its hours":   {"A B A<B 20h A 2h", "A: A", ""},
		"merged with different senders":        {"A shop:B A<B", "A: A", "B: B"},
		"merged: one had a conversation":       {"shop:A B A<B", "B: B", "A: A"},
		"a number and an id in one webhook":    {"AU", "A: A U", ""},
		"then the id alone, a day later":       {"AU 30h U", "U: A U", ""},
		"then the number alone, a day later":   {"AU 30h A", "A: A U", ""},
		"the id first":                         {"U 30h AU", "A: U A", ""},
		"the id from a new number":             {"AU 30h BU", "B: U B", ""},
		"from a new number within the day":     {"AU BU", "B: A U B", ""},
		"the day of the number before ends":    {"AU 20h BU 5h", "B: U B", ""},
		"a new number, then the id alone":      {"AU 30h BU 30h U", "U: U B", ""},
		"a new number, then the one before":    {"AU 30h BU 30h A", "A: A", ""},
		"a number merged by hand with an id":   {"A U 30h A<U U", "U: U", ""},
		"merged, and the id shows who it is":   {"A U AU", "A: A U", ""},
		"two numbers, an id goes between them": {"AU B 30h A<B BU AU", "A: A U B", ""},
	} {
		for _, table := range []string{"messages", "conversations", "contact_addresses", "contacts"} {
			r.exec("DELETE FROM " + table)
		}
		r.plays(c.story)
		of := numberA
		if strings.HasPrefix(c.story, "U") {
			of = userU
		}
		if got := r.stands(clinicNumber, of); got != c.want {
			t.Errorf("%s: with the clinic %q, want %q", name, got, c.want)
		}
		if got := r.stands(shopNumber, of); c.shop != "" && got != c.shop {
			t.Errorf("%s: with the shop %q, want %q", name, got, c.shop)
		}
	}
}

// A repeated delivery of an older message changes neither the address nor the chosen number.
func TestRepeatedDeliveryMovesNothing(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.writes(clinicNumber, numberA, userU.ID)
	r.writes(clinicNumber, numberB, userU.ID)
	r.in(func(tx *models.Tx) error {
		_, err := arrivals.Arrive(tx, clinicNumber, numberA, "", userU.ID)
		return err
	})
	if got := r.stands(clinicNumber, userU); got != "B: A U B" {
		t.Errorf("after the repeated one: %q", got)
	}
	if c := r.contactAt(userU); *c.Phone != numberB.Phone {
		t.Errorf("chosen is %s", *c.Phone)
	}
}

// The claim reads the window of the address that a message was written for, even if another address has written since.
func TestClaimReadsTheAddressesWindow(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.writes(clinicNumber, numberA, "")
	r.writes(clinicNumber, numberB, "")
	r.merge(numberA, numberB)
	conv, err := conversations.Read(r.store).ConversationAt(t.Context(), numberA, 1)
	if err != nil {
		t.Fatal(err)
	}
	queue := func(body string, to whatsapp.Address, after time.Duration) {
		t.Helper()
		r.in(func(tx *models.Tx) error {
			c, err := conversations.ConversationForUpdate(tx, conv.PublicID)
			if err != nil {
				return err
			}
			at := tx.Now().Add(after)
			m := &conversations.Message{Body: body, SendAt: &at}
			if to != (whatsapp.Address{}) {
				own, err := conversations.RecipientAt(tx, c, to)
				if err != nil {
					return err
				}
				m.AddressID = own.AddressID
			}
			_, err = conversations.QueueMessage(tx, c, m)
			return err
		})
	}
	claim := func() (out []string) {
		t.Helper()
		for range 3 { // only one message per conversation at a time
			list, err := outbox.ClaimOutgoing(t.Context(), r.store, outbox.Claim{SenderID: 1, Owner: "test", N: 10})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range list {
				out = append(out, o.Body+" "+short(o.To())+" "+string(o.Refusal))
				r.exec(`UPDATE messages SET status = 'accepted', twilio_sid = 'SM' || md5(id::text)
					WHERE id = $1 AND status = 'sending'`, o.ID)
			}
		}
		return out
	}
	queue("to who wrote last", whatsapp.Address{}, 0)
	queue("to the one before", numberA, 0)
	if got := claim(); !slices.Equal(got, []string{"to who wrote last B ", "to the one before A "}) {
		t.Errorf("while both are open: %q", got)
	}
	queue("too late for A", numberA, 22*time.Hour)
	r.clock.Move(22*time.Hour + time.Minute) // A wrote 24 hours ago, B 23
	queue("in time for B", numberB, 0)
	if got := claim(); !slices.Equal(got, []string{"too late for A A window_closed", "in time for B B "}) {
		t.Errorf("when A's hours are over: %q", got)
	}
	queue("to nobody", whatsapp.Address{}, 0)
	r.exec("UPDATE messages SET address_id = 4711 WHERE body = 'to nobody'")
	if got := claim(); !slices.Equal(got, []string{"to nobody  window_closed"}) {
		t.Errorf("to an address that is gone: %q", got)
	}
}

// When one number joins the Sandbox, nothing may be sent to another number of the same person, and the end of that
// membership at Twilio affects only that number.
func TestSandboxMembershipIsOfAnAddress(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.exec("UPDATE senders SET kind = 'sandbox' WHERE phone = $1", clinicNumber)
	member := func(want string) {
		t.Helper()
		conv, err := conversations.Read(r.store).ConversationAt(t.Context(), numberA, 1)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, a := range []whatsapp.Address{numberA, numberB} {
			to, err := conversations.Read(r.store).RecipientAt(t.Context(), conv, a)
			if err != nil {
				t.Fatal(err)
			}
			if conv.Joined(to, r.clock.Now()) {
				got += short(a)
			}
		}
		if got != want {
			t.Errorf("belong to the Sandbox: %q, want %q", got, want)
		}
	}
	r.writes(clinicNumber, numberA, "")
	r.exec("UPDATE conversations SET sandbox_joined_at = last_inbound_at")
	r.in(func(tx *models.Tx) error { _, _, err := people.ContactAt(tx, numberB, ""); return err })
	r.merge(numberB, numberA)
	member("A")
	r.writes(clinicNumber, numberB, "") // without a membership: services/messaging decides what counts as joining
	member("A")
	r.exec("UPDATE conversations SET sandbox_joined_at = last_inbound_at")
	member("AB")
	r.exec(`INSERT INTO messages (conversation_id, sender_id, address_id, direction, body, status, twilio_sid, send_at,
			sending_at, created_at)
		SELECT v.id, v.sender_id, a.id, 'outbound', 'x', 'accepted', 'SMleft', now(), $2, now()
		FROM conversations v, contact_addresses a WHERE a.match = $1`, numberA.Match(), r.clock.Now())
	r.in(func(tx *models.Tx) error { return conversations.LeaveSandbox(tx, "SMleft") })
	member("B")
}

// Templates go to the chosen number: the first number of the contact, until a user chooses another one or the person's
// user id arrives with a new one.
func TestChosenNumber(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	chosen := func(of, want whatsapp.Address) {
		t.Helper()
		c := r.contactAt(of)
		n := &notifications.Notification{SenderID: 2}
		list := []notifications.EligibilityRow{{Contact: c}}
		r.in(func(tx *models.Tx) error { return notifications.LoadEligibility(tx, n, nil, list) })
		addresses, err := people.Read(r.store).AddressesOf(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(addresses, func(a people.ContactAddress) bool {
			return list[0].AddressID != nil && a.ID == *list[0].AddressID
		})
		if i < 0 || addresses[i].To() != want {
			t.Errorf("goes to address %v of %+v, want %s", list[0].AddressID, addresses, want)
		}
	}
	choose := func(of, number whatsapp.Address) error {
		return r.store.InTx(t.Context(), func(tx *models.Tx) error {
			c, err := people.ContactForUpdate(tx, r.contactAt(of).PublicID)
			if err != nil {
				return err
			}
			var id int64
			err = base.DB(tx).Raw("SELECT id FROM contact_addresses WHERE match = ?", number.Match()).Scan(&id).Error
			if err != nil {
				return err
			}
			return people.ChooseNumber(tx, models.System("test"), c, id)
		})
	}
	r.writes(clinicNumber, userU, "")
	chosen(userU, userU) // nothing else is known
	r.writes(clinicNumber, numberA, userU.ID)
	chosen(userU, numberA)
	r.writes(clinicNumber, userU, "")
	chosen(userU, numberA)
	r.writes(clinicNumber, numberB, userU.ID) // A is no longer their number
	chosen(userU, numberB)
	if err := choose(userU, numberA); err != nil {
		t.Fatal(err)
	}
	chosen(userU, numberA)
	r.writes(clinicNumber, numberB, "")
	chosen(userU, numberA) // the user who chose it had a reason
	other := whatsapp.Address{Phone: "+4915133333333"}
	r.writes(clinicNumber, other, "")
	if err := choose(userU, other); models.KindOf(err) != models.KindInvalid {
		t.Errorf("somebody else's number: %v", err)
	}
	if err := choose(userU, userU); models.KindOf(err) != models.KindInvalid {
		t.Errorf("a user id: %v", err)
	}
	r.merge(other, userU)
	chosen(userU, other)
}
