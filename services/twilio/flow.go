package twilio

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"parley/whatsapp/plaintext"
)

// Answer is one field of a form that a person filled in.
type Answer struct{ Label, Value string }

// Limits on reading a form's answers.
const (
	mostAnswers = 200
	mostDepth   = 8
)

// readAnswers reads what came back from a form (a Flow): one object of JSON, whose names are the fields. Meta's own
// notation, an object nfm_reply with the answers as a text response_json, is understood at any level. Data in any other
// form is returned as text, so that nothing is lost. Source: Meta, "Receiving Flow Response"; the names of Twilio's
// parameters are not documented.
func readAnswers(data string) (answers []Answer, text string) {
	data = strings.TrimSpace(data)
	if !strings.HasPrefix(data, "{") {
		return nil, data
	}
	f := &flow{}
	dec := json.NewDecoder(strings.NewReader(data))
	dec.UseNumber()
	if err := f.value(dec, "", 0); err != nil {
		return nil, data
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, data
	}
	answers = f.all
	if len(f.reply) > 0 {
		answers = f.reply
	}
	if len(answers) == 0 {
		return nil, data
	}
	return answers, ""
}

// flow collects answers in their order.
type flow struct {
	all   []Answer
	reply []Answer // the answers in response_json, which is all that the person filled in
}

func (f *flow) add(label, value string) {
	if label == "flow_token" || len(f.all) >= mostAnswers {
		return
	}
	if label == "response_json" || strings.HasSuffix(label, " › response_json") {
		if nested, _ := readAnswers(value); len(nested) > 0 {
			f.reply = append(f.reply, nested...)
			return
		}
	}
	f.all = append(f.all, Answer{plaintext.CleanName(label), plaintext.Clean(value)})
}

// value reads one value of JSON under a label.
func (f *flow) value(dec *json.Decoder, label string, depth int) error {
	t, err := dec.Token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case json.Delim:
		if depth >= mostDepth {
			return errDeep
		}
		if t == '{' {
			return f.object(dec, label, depth)
		}
		return f.list(dec, label, depth)
	case nil:
		f.add(label, "")
	case string:
		f.add(label, t)
	case json.Number:
		f.add(label, t.String())
	case bool:
		f.add(label, strconv.FormatBool(t))
	}
	return nil
}

func (f *flow) object(dec *json.Decoder, label string, depth int) error {
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		if label != "" {
			name = label + " › " + name
		}
		if err := f.value(dec, name, depth+1); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// list puts plain values on one line.
func (f *flow) list(dec *json.Decoder, label string, depth int) error {
	inner := &flow{}
	for dec.More() {
		if err := inner.value(dec, label, depth+1); err != nil {
			return err
		}
	}
	f.reply = append(f.reply, inner.reply...)
	var plain []string
	for _, a := range inner.all {
		if a.Label == plaintext.CleanName(label) {
			plain = append(plain, a.Value)
		} else {
			f.add(a.Label, a.Value)
		}
	}
	if len(plain) > 0 {
		f.add(label, strings.Join(plain, ", "))
	}
	_, err := dec.Token()
	return err
}

var errDeep = errors.New("nested too deeply")
