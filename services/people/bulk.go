package people

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"parley/models"
	"parley/models/accounts"
	"parley/models/notifications"
	"parley/models/people"
	"parley/models/people/segments"
	"parley/whatsapp"
)

// Change is one thing that is done to many contacts.
type Change struct {
	Do      string                 `json:"do"`     // tag, untag, opt_out
	TagID   string                 `json:"tag_id"` // public id
	TagName string                 `json:"-"`      // a tag to make first
	Proof   string                 `json:"proof"`  // of an opt-out
	Source  whatsapp.ConsentSource `json:"source"`
}

// BulkArgs asks a job to change the contacts of a selection.
type BulkArgs struct {
	UserID    int64                  `json:"user_id"`
	Selection int64                  `json:"selection"`
	Filter    segments.ContactFilter `json:"filter"` // the list's filter; the whole request if Selection is 0
	Whole     bool                   `json:"whole"`
	Change    Change                 `json:"change"`
	Back      string                 `json:"back"` // the list's address
}

// Kind names the job.
func (BulkArgs) Kind() string { return "change_contacts" }

// Target are the contacts of a change: those with these public ids, or all that a list shows.
type Target struct {
	IDs    []string
	All    bool
	Filter segments.ContactFilter // with All
	Shown  segments.Shown         // with All: what the list showed to the user who decides
	Back   string                 // the list's address
}

// OthersMatch is the refusal of a change because the list no longer matches the contacts that it showed. Nothing was
// changed.
type OthersMatch struct{ Shown, Now segments.Shown }

// Error is the question to the user who decides.
func (e *OthersMatch) Error() string {
	n := group(e.Now.N)
	switch {
	case e.Shown.Mark == "":
		return fmt.Sprintf("%s match this list now. Do it for %s?", n, n)
	case e.Shown.N == e.Now.N:
		return fmt.Sprintf("%s matched when you opened the list. %s match now, but not the same ones. Do it for those?", n, n)
	}
	return fmt.Sprintf("%s matched when you opened the list, %s match now. Do it for %s?", group(e.Shown.N), n, n)
}

// Count is how many match now, as shown to people.
func (e *OthersMatch) Count() string { return group(e.Now.N) }

// group writes a number in groups of three digits.
func group(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// CheckShown refuses with OthersMatch if a list matches other contacts now than it showed.
func (s *Service) CheckShown(ctx context.Context, t Target) error {
	now, err := segments.Read(s.store).Matching(ctx, t.Filter)
	if err == nil && now != t.Shown {
		return &OthersMatch{Shown: t.Shown, Now: now}
	}
	return err
}

// BulkChange changes chosen contacts at once, or starts a job for all that a list shows. It returns what to tell the
// user. Refusals name tag or proof; OthersMatch asks whether the contacts that match now are meant. An opt-out takes
// effect even if something else is wrong: then the error says so.
func (s *Service) BulkChange(ctx context.Context, a models.Actor, t Target, c Change) (string, error) {
	switch {
	case c.Do != "tag" && c.Do != "untag" && c.Do != "opt_out":
		return "", models.Invalid("do", "contact.what_to_do_missing")
	case c.Do != "opt_out" && len(t.IDs) > bulkBatch:
		return "", models.Invalid("contact", "contact.too_many_chosen")
	case !t.All && len(t.IDs) == 0:
		return "", models.Invalid("contact", "contact.none_chosen")
	case t.All && a.ID == nil:
		return "", models.Conflict("contact.sign_in_to_change")
	}
	var wrong []error
	if c.Do == "opt_out" {
		c.Proof, wrong = bulkProof(a, c.Proof)
	}
	said, err := s.bulkChange(ctx, a, t, c)
	if err != nil || len(wrong) == 0 {
		return said, err
	}
	return "", models.Invalid("proof", "contact.opt_out_done_rest_refused", "Done", said, "Reason", wrong[0])
}

func (s *Service) bulkChange(ctx context.Context, a models.Actor, t Target, c Change) (string, error) {
	if t.All {
		return s.changeAll(ctx, a, t, c)
	}
	if c.Do == "opt_out" {
		n, err := s.bulkOptOut(ctx, a, t.IDs, c)
		return done(c, n), err
	}
	said := ""
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		if err := s.findTag(tx, a, &c); err != nil {
			return err
		}
		rows, err := notifications.ContactsByPublicID(tx, t.IDs)
		if err != nil {
			return err
		}
		n, err := s.changeRows(tx, a, rows, c)
		said = done(c, n)
		return err
	})
	return said, err
}

// changeAll has a job change exactly the contacts that the list showed.
func (s *Service) changeAll(ctx context.Context, a models.Actor, t Target, c Change) (string, error) {
	keep := func(tx *models.Tx, id int64, now segments.Shown) error {
		if now.N == 0 {
			return models.Conflict("contact.none_match")
		}
		if now != t.Shown {
			return &OthersMatch{Shown: t.Shown, Now: now}
		}
		if err := s.findTag(tx, a, &c); err != nil {
			return err
		}
		args := BulkArgs{
			UserID:    *a.ID,
			Selection: id,
			Filter:    t.Filter,
			Whole:     t.Filter.Whole,
			Change:    c,
			Back:      t.Back,
		}
		return tx.Enqueue(args, nil)
	}
	if err := segments.SelectContacts(ctx, s.store, *a.ID, t.Filter, keep); err != nil {
		return "", err
	}
	return "It is under way: Parley tells you when it is done.", nil
}

// findTag creates the change's new tag, or refuses one that is gone.
func (s *Service) findTag(tx *models.Tx, a models.Actor, c *Change) error {
	if c.Do == "opt_out" {
		return nil
	}
	if c.Do == "tag" && strings.TrimSpace(c.TagName) != "" {
		t, err := s.addTag(tx, a, c.TagName)
		if err == nil {
			c.TagID = t.PublicID
		}
		return err
	}
	return people.TagExists(tx, c.TagID)
}

func done(c Change, n int64) string {
	switch c.Do {
	case "tag":
		return fmt.Sprintf("Tagged %d contacts.", n)
	case "untag":
		return fmt.Sprintf("The tag was taken from %d contacts.", n)
	}
	return fmt.Sprintf("Opted out %d contacts.", n)
}

func (s *Service) changeRows(tx *models.Tx, a models.Actor, rows []people.Contact, c Change) (int64, error) {
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	if c.Do == "opt_out" {
		return people.BulkOptOut(tx, a, ids, c.Source, c.Proof)
	}
	return people.SetTag(tx, a, c.TagID, ids, c.Do == "tag")
}

// bulkBatch is how many contacts one transaction changes.
const bulkBatch = 1000

// RunBulkChange is the job behind BulkChange. It may run again from the start: changes that are done already are not
// repeated.
func (s *Service) RunBulkChange(ctx context.Context, args BulkArgs) error {
	u, err := accounts.Read(s.store).UserByID(ctx, args.UserID)
	if err != nil {
		return err
	}
	if args.Selection == 0 { // requested by a version of Parley that stored no selections
		args.Filter.Whole = args.Whole
		err := segments.SelectContacts(
			ctx,
			s.store,
			args.UserID,
			args.Filter,
			func(_ *models.Tx, id int64, _ segments.Shown) error {
				args.Selection = id
				return nil
			},
		)
		if err != nil {
			return err
		}
	}
	chosen, err := segments.Read(s.store).ContactSelection(ctx, args.Selection)
	if err != nil {
		return err
	}
	if chosen.ID == 0 {
		return nil // it was done before
	}
	var n int64
	for ids := range slices.Chunk(chosen.ContactIDs, bulkBatch) {
		err := s.store.InTx(ctx, func(tx *models.Tx) error {
			locked, err := segments.ContactsByID(tx, ids)
			if err != nil {
				return err
			}
			k, err := s.changeRows(tx, u.Actor(""), locked, args.Change)
			n += k
			return err
		})
		if err != nil {
			return err // the job is tried again
		}
	}
	if args.Back == "" {
		args.Back = "/contacts"
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		if err := segments.DropContactSelection(tx, args.Selection); err != nil {
			return err
		}
		return models.AddAlert(
			tx,
			[]int64{args.UserID},
			models.Alert{Tone: whatsapp.ToneGood, Title: done(args.Change, n), Href: args.Back},
		)
	})
}
