package whatsapp

// Tone says how good the news is: it chooses the color in which a state, an alert or a notice is shown.
type Tone string

// The tones.
const (
	ToneNeutral Tone = ""
	ToneInfo    Tone = "info"
	ToneGood    Tone = "good"
	ToneWarn    Tone = "warn"
	ToneBad     Tone = "bad"
)

// AlertTones are the tones that an alert can have.
func AlertTones() []Tone { return []Tone{ToneGood, ToneWarn, ToneBad} }
