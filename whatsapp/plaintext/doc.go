// Package plaintext compares, cleans and shortens texts of people, whatever script they are in.
package plaintext
