// Package locale has the languages that WhatsApp knows, and the names of languages and countries.
package locale
