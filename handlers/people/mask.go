package people

import (
	"context"
	"maps"

	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/models/people"
	peopleservice "parley/services/people"
	"parley/views/components"
	view "parley/views/people"
	"parley/whatsapp"
)

// maskContact hides a person's numbers in what the team wrote about them, on the person's page and in its form.
func maskContact(ctx context.Context, p *view.DetailProps) {
	if !components.Masked(ctx) {
		return
	}
	who := p.Contact
	who.Numbers = mask.NumbersIn(p.Addresses)
	p.Edit.Name = components.Named(ctx, who, p.Edit.Name)
	maskFields(ctx, who, p.Fields, p.Edit.Fields)
	who.ProfileName = components.Named(ctx, who, who.ProfileName)
	maskHistory(ctx, who, p.History)
	for i := range p.Notes {
		p.Notes[i].Body = components.AboutContact(ctx, who, p.Notes[i].Body)
	}
	for i := range p.Conversations {
		if v := &p.Conversations[i]; v.LastDirection != whatsapp.Inbound {
			v.LastLine = components.AboutContact(ctx, who, v.LastLine)
		}
	}
}

// maskHistory hides a person's numbers in the proofs of their consent.
func maskHistory(ctx context.Context, who *people.Contact, list []people.ConsentEvent) {
	for i := range list {
		list[i].Proof = components.AboutContact(ctx, who, list[i].Proof)
	}
}

// maskFields hides a person's numbers in free-text fields.
func maskFields(ctx context.Context, who *people.Contact, fields []people.ContactField, values map[string]string) {
	for _, f := range fields {
		if v, ok := values[f.Key]; ok && f.Kind != people.ChoiceField && f.Kind != people.DateField {
			values[f.Key] = components.AboutContact(ctx, who, v)
		}
	}
}

// unmasked is a profile as it is to be stored: numbers that come back masked, as they were shown, keep their stored
// value.
func (h *Handlers) unmasked(c echo.Context, in peopleservice.Profile) (peopleservice.Profile, error) {
	ctx := c.Request().Context()
	if !components.Masked(ctx) {
		return in, nil
	}
	who, err := people.Read(h.Store).ContactByPublicID(ctx, c.Param("id"))
	if err != nil {
		return in, err
	}
	p := view.DetailProps{Contact: who}
	if p.Fields, err = people.Read(h.Store).ContactFields(ctx); err != nil {
		return in, err
	}
	if err := mask.ReadNumbers(ctx, h.Store, who); err != nil {
		return in, err
	}
	stored := editOf(&p)
	if in.Name == components.Named(ctx, who, stored.Name) { // a name without a letter is masked as a whole
		in.Name = stored.Name
	}
	hidden := func(run string) string { return components.AboutContact(ctx, who, run) }
	in.Name = whatsapp.PutBack(in.Name, stored.Name, hidden)
	in.Fields = maps.Clone(in.Fields)
	for key, v := range in.Fields {
		in.Fields[key] = whatsapp.PutBack(v, stored.Fields[key], hidden)
	}
	return in, nil
}
