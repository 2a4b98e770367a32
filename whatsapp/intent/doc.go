// Package intent recognises what people want in what they write: the keywords STOP, START and HELP in many languages,
// an opt-out in words of their own, a tapped button, and yes or no in the cells of a list.
package intent
