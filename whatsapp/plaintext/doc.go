// Package plaintext compares, cleans and shortens people's texts, in any script.
package plaintext
