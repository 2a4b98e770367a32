// Package whatsapp holds WhatsApp's and Twilio's rules as pure functions: addresses, the session
// window, consent words, approval and status moves, the template grammar and its lint, and text
// formatting. It does no I/O, reads no clock, and imports nothing of Parley's. Start at window.go.
package whatsapp
