package components

import (
	"context"
	"slices"
	"sync"

	"parley/models/people"
	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

type maskKey struct{}

// WithMask makes pages show masked numbers: the reader's role may not see full ones. ours returns the business's own
// numbers in E.164, which everybody may see; it is called once, when a text contains a number.
func WithMask(ctx context.Context, ours func() []string) context.Context {
	return context.WithValue(ctx, maskKey{}, sync.OnceValue(ours))
}

// Masked reports whether the reader sees masked numbers.
func Masked(ctx context.Context) bool { return ctx.Value(maskKey{}) != nil }

// Said is a sentence of Parley's own, such as a refusal or an alert, masked for the reader where necessary: a person
// without a name is called by their number in it.
func Said(ctx context.Context, text string) string {
	ours, masked := ctx.Value(maskKey{}).(func() []string)
	if !masked || !whatsapp.HasNumber(text) {
		return text
	}
	return whatsapp.MaskNumbers(text, ours())
}

// Told is an alert's text, masked for the reader where necessary. It quotes what people wrote, with numbers in any
// form.
func Told(ctx context.Context, text string) string {
	ours, masked := ctx.Value(maskKey{}).(func() []string)
	if !masked || whatsapp.MaskText(text, nil) == text {
		return text
	}
	return whatsapp.MaskText(text, ours())
}

// Cell is a cell of an uploaded file, masked for the reader where necessary.
func Cell(ctx context.Context, text string) string {
	if Masked(ctx) {
		return whatsapp.MaskCell(text)
	}
	return text
}

// AboutContact is a text about a person that may hold one of their numbers, such as a template that was filled with it,
// masked for the reader where necessary. c.Numbers must be loaded: a text can be older than the number that is chosen
// now.
func AboutContact(ctx context.Context, c *people.Contact, text string) string {
	switch numbers := numbersOf(c); {
	case !Masked(ctx):
		return text
	case len(numbers) == 0 && c.Gone != "": // the person's numbers are no longer known
		return whatsapp.MaskText(text, nil)
	default:
		return whatsapp.HideNumbers(text, numbers)
	}
}

// numbersOf are all known numbers of a person.
func numbersOf(c *people.Contact) []string {
	if c.Phone == nil {
		return c.Numbers
	}
	return append(slices.Clone(c.Numbers), *c.Phone)
}

// Phone is a contact's number, masked for the reader where necessary.
func Phone(ctx context.Context, p *string) string {
	switch {
	case p == nil:
		return "hidden by WhatsApp"
	case Masked(ctx):
		return whatsapp.MaskPhone(*p)
	}
	return whatsapp.ShowPhone(*p)
}

// Address is one of a contact's addresses, masked for the reader where necessary.
func Address(ctx context.Context, a *people.ContactAddress) string {
	switch {
	case a.Kind == whatsapp.PhoneAddress:
		return Phone(ctx, &a.Address)
	case a.Kind == whatsapp.OtherAddress && Masked(ctx):
		return whatsapp.MaskPhone(a.Address)
	case a.Kind == whatsapp.OtherAddress:
		return plaintext.CleanName(a.Address)
	}
	id := []rune(a.To().ID)
	if Masked(ctx) && len(id) > 5 {
		id = slices.Concat(id[:3], []rune("•••"), id[len(id)-2:])
	}
	return "WhatsApp id " + string(id)
}

// NameOf is what a contact is called in lists. If that is the number, it is masked for the reader where necessary; some
// people's names are their numbers.
func NameOf(ctx context.Context, c *people.Contact) string {
	if c.Name == "" && c.ProfileName == "" && c.Phone != nil {
		return Phone(ctx, c.Phone)
	}
	return Named(ctx, c, c.Title())
}

// Named is one of a person's names, masked for the reader where necessary. c.Numbers must be loaded.
func Named(ctx context.Context, c *people.Contact, name string) string {
	if Masked(ctx) {
		return whatsapp.MaskName(AboutContact(ctx, c, name), numbersOf(c))
	}
	return name
}
