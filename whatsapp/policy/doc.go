// Package policy knows what WhatsApp looks for in a business that asks for production access: its display name, line of
// business and use case.
package policy
