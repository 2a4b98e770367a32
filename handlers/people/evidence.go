package people

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/handlers/web"
	"parley/models/people"
	"parley/views/components"
	view "parley/views/people"
)

func (h *Handlers) evidence(c echo.Context) (view.EvidenceProps, error) {
	p := view.EvidenceProps{Now: h.Store.Now()}
	var err error
	if p.Contact, err = people.Read(h.Store).ContactByPublicID(c.Request().Context(), c.Param("id")); err != nil {
		return p, err
	}
	if p.Events, p.Broken, err = people.Read(h.Store).ConsentChain(c.Request().Context(), p.Contact.ID); err != nil {
		return p, err
	}
	if err := mask.ReadNumbers(c.Request().Context(), h.Store, p.Contact); err != nil {
		return p, err
	}
	maskHistory(c.Request().Context(), p.Contact, p.Events)
	return p, nil
}

// showEvidence shows a contact's record of consent, for printing.
func (h *Handlers) showEvidence(c echo.Context) error {
	p, err := h.evidence(c)
	if err != nil {
		return err
	}
	return h.Site.Page(c, web.View{Title: "Record of consent", Area: "contacts"}, view.Evidence(p), nil)
}

// evidenceEvent is one event of the exported record.
type evidenceEvent struct {
	Contact    int64     `json:"contact_row"` // of a contact that was merged into this one: that contact's own id
	Kind       string    `json:"kind"`
	Topic      string    `json:"topic,omitempty"`
	File       string    `json:"file,omitempty"`
	Source     string    `json:"source"`
	Scope      string    `json:"scope"` // all senders, or the Sandbox only
	Proof      string    `json:"proof"`
	Wording    string    `json:"wording"`
	RecordedBy string    `json:"recorded_by"`
	OccurredAt time.Time `json:"occurred_at"`
	RecordedAt time.Time `json:"recorded_at"`
	PrevHash   string    `json:"prev_hash"`
	Hash       string    `json:"hash"`
	Intact     bool      `json:"intact"`
}

// exportEvidence exports the record as JSON. The export itself is written to the audit log.
func (h *Handlers) exportEvidence(c echo.Context) error {
	p, err := h.evidence(c)
	if err != nil {
		return err
	}
	phone := ""
	if p.Contact.Phone != nil {
		phone = components.Phone(c.Request().Context(), p.Contact.Phone)
		if !mask.Applies(c) {
			phone = *p.Contact.Phone
		}
	}
	events := []evidenceEvent{}
	for _, e := range p.Events {
		out := evidenceEvent{
			Kind:       string(e.Kind),
			Source:     string(e.Source),
			Scope:      string(e.CountsFor()),
			Proof:      e.Proof,
			Wording:    e.Wording,
			RecordedBy: "Parley",
			OccurredAt: e.OccurredAt.UTC(),
			RecordedAt: e.RecordedAt.UTC(),
			PrevHash:   hex.EncodeToString(e.PrevHash),
			Hash:       hex.EncodeToString(e.Hash),
			Intact:     !p.Broken[e.ID],
		}
		out.Contact = e.ContactID
		if e.Topic != nil {
			out.Topic = e.Topic.Name
		}
		if e.File != nil {
			out.File = e.File.Name
		}
		if e.Actor != nil && e.Actor.ID != 0 {
			out.RecordedBy = e.Actor.Name
		}
		events = append(events, out)
	}
	b, err := json.MarshalIndent(
		map[string]any{
			"contact":       p.Contact.PublicID,
			"name":          components.NameOf(c.Request().Context(), p.Contact),
			"phone":         phone,
			"consent":       p.Contact.Consent,
			"consent_scope": p.Contact.ConsentScope,
			"exported_at":   p.Now.UTC(),
			"intact":        len(p.Broken) == 0,
			"events":        events,
		},
		"",
		"  ",
	)
	if err != nil {
		return err
	}
	if err := h.People.NoteConsentExport(c.Request().Context(), web.Actor(c), p.Contact); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", web.Disposition("consent-"+p.Contact.PublicID+".json"))
	return c.Blob(http.StatusOK, "application/json", b)
}
