package components

import (
	"context"

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

// NameOf is what a contact is called in lists: where that is the number, as the reader may see it.
func NameOf(ctx context.Context, c *models.Contact) string {
	if c.Name == "" && c.ProfileName == "" && c.Phone != nil {
		return Phone(ctx, c.Phone)
	}
	return c.Title()
}
