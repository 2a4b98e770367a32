package templates

import "encoding/json"

// Values are placeholders' values by number: {"1": "Tuesday"}.
type Values map[string]string

// JSON is the values as Twilio's ContentVariables.
func (v Values) JSON() string {
	b, err := json.Marshal(map[string]string(v))
	if err != nil || v == nil {
		return "{}"
	}
	return string(b)
}
