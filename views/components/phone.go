package components

import (
	"context"
	"slices"

	"parley/models"
	"parley/services/whatsapp"
)

type maskKey struct{}

// WithMask makes pages show masked numbers: the reader's role sees no whole ones.
func WithMask(ctx context.Context) context.Context { return context.WithValue(ctx, maskKey{}, true) }

// Masked reports whether the reader sees masked numbers.
func Masked(ctx context.Context) bool {
	m, _ := ctx.Value(maskKey{}).(bool)
	return m
}

// Phone is a contact's number as the reader may see it.
func Phone(ctx context.Context, p *string) string {
	switch {
	case p == nil:
		return "hidden by WhatsApp"
	case Masked(ctx):
		return whatsapp.MaskPhone(*p)
	}
	return whatsapp.ShowPhone(*p)
}

// Address is one of a contact's addresses as the reader may see it.
func Address(ctx context.Context, a *models.ContactAddress) string {
	switch {
	case a.Kind == models.PhoneAddress:
		return Phone(ctx, &a.Address)
	case a.Kind == models.OtherAddress && Masked(ctx):
		return whatsapp.MaskPhone(a.Address)
	case a.Kind == models.OtherAddress:
		return whatsapp.CleanName(a.Address)
	}
	id := []rune(a.To().ID)
	if Masked(ctx) && len(id) > 5 {
		id = slices.Concat(id[:3], []rune("•••"), id[len(id)-2:])
	}
	return "WhatsApp id " + string(id)
}

// NameOf is what a contact is called in lists: where that is the number, as the reader may see it.
func NameOf(ctx context.Context, c *models.Contact) string {
	if c.Name == "" && c.ProfileName == "" && c.Phone != nil {
		return Phone(ctx, c.Phone)
	}
	return c.Title()
}
