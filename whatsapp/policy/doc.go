// Package policy has what WhatsApp checks about a business that asks for production access: its display name, line of
// business and use case.
package policy
