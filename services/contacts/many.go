package contacts

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"parley/models"
	"parley/services/whatsapp"
)

// Change is one thing that is done to many contacts.
type Change struct {
	Do      string                 `json:"do"`     // tag, untag, opt_out
	TagID   string                 `json:"tag_id"` // public id
	TagName string                 `json:"-"`      // a tag to make first
	Proof   string                 `json:"proof"`  // of an opt-out
	Source  whatsapp.ConsentSource `json:"source"`
}

// ManyArgs asks a job to change all contacts that a filter lets through.
type ManyArgs struct {
	UserID int64                `json:"user_id"`
	Filter models.ContactFilter `json:"filter"`
	Whole  bool                 `json:"whole"`
	Change Change               `json:"change"`
}

// Kind names the job.
func (ManyArgs) Kind() string { return "change_contacts" }

// ChangeMany changes the contacts with these public ids at once, or, without ids, begins to change all that the
// filter lets through. It returns what to tell the person. Refusals name tag or proof.
func (s *Service) ChangeMany(ctx context.Context, a models.Actor, f models.ContactFilter, ids []string, c Change) (string, error) {
	switch {
	case c.Do != "tag" && c.Do != "untag" && c.Do != "opt_out":
		return "", models.Invalid("do", "Choose what to do with the contacts.")
	case c.Do == "opt_out" && strings.TrimSpace(c.Proof) == "":
		return "", models.Invalid("proof", "Write down why they are opted out: the record needs a proof.")
	case whatsapp.Length(c.Proof) > 2000:
		return "", models.Invalid("proof", "The proof has at most 2,000 characters.")
	case len(ids) > 1000:
		return "", models.Invalid("contact", "Choose at most 1,000 contacts, or all that the filter shows.")
	}
	said := ""
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		if c.Do == "tag" && strings.TrimSpace(c.TagName) != "" {
			t, err := s.addTag(tx, a, c.TagName)
			if err != nil {
				return err
			}
			c.TagID = t.PublicID
		}
		if len(ids) == 0 {
			if a.ID == nil {
				return models.Conflict("Sign in to change contacts.")
			}
			said = "It is under way: Parley tells you when it is done."
			return tx.Enqueue(ManyArgs{UserID: *a.ID, Filter: f, Whole: f.Whole, Change: c}, nil)
		}
		rows, err := tx.ContactsByPublicID(ids)
		if err != nil {
			return err
		}
		n, err := s.changeRows(tx, a, rows, c)
		said = done(c, n)
		return err
	})
	return said, err
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

func (s *Service) changeRows(tx *models.Tx, a models.Actor, rows []models.Contact, c Change) (int64, error) {
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	if c.Do == "opt_out" {
		return tx.OptOutMany(a, ids, c.Source, c.Proof)
	}
	return tx.SetTag(a, c.TagID, ids, c.Do == "tag")
}

// partOfMany is how many contacts one transaction changes.
const partOfMany = 1000

// ChangeManyNow is the job behind ChangeMany. It may run again from the start: what is done already stays as it is.
func (s *Service) ChangeManyNow(ctx context.Context, args ManyArgs) error {
	u, err := s.store.UserByID(ctx, args.UserID)
	if err != nil {
		return err
	}
	args.Filter.Whole = args.Whole
	var n int64
	err = s.store.EachContact(ctx, args.Filter, partOfMany, func(rows []models.Contact) error {
		ids := make([]string, len(rows))
		for i, r := range rows {
			ids[i] = r.PublicID
		}
		return s.store.InTx(ctx, func(tx *models.Tx) error {
			locked, err := tx.ContactsByPublicID(ids)
			if err != nil {
				return err
			}
			k, err := s.changeRows(tx, u.Actor(""), locked, args.Change)
			n += k
			return err
		})
	})
	return errors.Join(err, s.store.InTx(ctx, func(tx *models.Tx) error {
		if err != nil {
			return nil // the job is tried again
		}
		return tx.Alert([]int64{args.UserID}, models.Alert{Tone: "good", Title: done(args.Change, n), Href: "/contacts?" + args.Filter.URL().Encode()})
	}))
}

func (s *Service) addTag(tx *models.Tx, a models.Actor, name string) (*models.Tag, error) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || whatsapp.Length(name) > 60 {
		return nil, models.Invalid("name", "A tag has a name of 1 to 60 characters.")
	}
	return tx.TagNamed(a, name)
}

// SaveSegment keeps a filter under a name: a new segment, or the one with the public id.
func (s *Service) SaveSegment(ctx context.Context, a models.Actor, id, name string, f models.ContactFilter, shared bool) (*models.Segment, error) {
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case name == "" || whatsapp.Length(name) > 80:
		return nil, models.Invalid("name", "A segment has a name of 1 to 80 characters.")
	case f.Empty():
		return nil, models.Invalid("filter", "Choose a filter first: a segment of everybody says nothing.")
	case a.ID == nil:
		return nil, models.Conflict("Sign in to save a segment.")
	}
	g := &models.Segment{OwnerID: *a.ID}
	if id != "" {
		var err error
		if g, err = s.store.SegmentByPublicID(ctx, *a.ID, id); err != nil {
			return nil, err
		}
	}
	g.Name, g.Filter, g.Shared = name, f, shared
	return g, s.store.InTx(ctx, func(tx *models.Tx) error { return tx.SaveSegment(a, g) })
}

// DeleteSegment takes a segment away: one's own, or a shared one for operators. It returns its name.
func (s *Service) DeleteSegment(ctx context.Context, a models.Actor, role models.Role, id string) (string, error) {
	if a.ID == nil {
		return "", models.Conflict("Sign in to delete a segment.")
	}
	g, err := s.store.SegmentByPublicID(ctx, *a.ID, id)
	if err != nil {
		return "", err
	}
	if g.OwnerID != *a.ID && !role.Can(models.Operator) {
		return "", models.Conflict("Only its owner or an operator can delete this segment.")
	}
	return g.Name, s.store.InTx(ctx, func(tx *models.Tx) error { return tx.DeleteSegment(a, g) })
}
