package whatsapp

// Tone is the tone of a state, an alert or a notice. It decides the color.
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
