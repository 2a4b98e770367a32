// Package arrivals finds or makes the sender, the contact and the conversation of what comes in, and merges contacts
// that turn out to be one person. It writes addresses and contacts, which are people's.
package arrivals
