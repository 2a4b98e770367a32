package people

import (
	"context"
	"errors"
	"slices"
	"strings"

	"parley/models"
	"parley/whatsapp"
	"parley/whatsapp/intent"
	"parley/whatsapp/plaintext"
)

// SaveKeywords stores lists and replies. Twilio's own keywords can't be removed, and a word has one meaning only.
// Refusals name words-stop, words-start, words-help or reply-….
func (s *Service) SaveKeywords(ctx context.Context, a models.Actor, k intent.Keywords) error {
	var errs []error
	meaning := map[string]intent.Keyword{}
	for _, kind := range intent.KeywordKinds() {
		var list []string
		for _, w := range append(slices.Clone(intent.TwilioWords[kind]), k.Words[kind]...) {
			w = strings.ToLower(strings.Join(strings.Fields(w), " "))
			if w == "" || slices.Contains(list, w) {
				continue
			}
			if whatsapp.Length(w) > 40 {
				errs = append(errs, models.Invalid("words-"+string(kind), "keyword.too_long", "Word", plaintext.Cut(w, 20)))
				continue
			}
			folded, _ := plaintext.Fold(w)
			if other, ok := meaning[folded]; ok && other != kind {
				errs = append(errs, models.Invalid("words-"+string(kind),
					"keyword.taken", "Word", w, "List", strings.ToUpper(string(other))))
				continue
			}
			meaning[folded] = kind
			list = append(list, w)
		}
		if len(list) > 500 {
			errs = append(errs, models.Invalid("words-"+string(kind), "keyword.too_many"))
		}
		k.Words[kind] = list
		for language, text := range k.Replies[kind] {
			if whatsapp.Length(text) > 1000 {
				errs = append(errs, models.Invalid("reply-"+string(kind)+"-"+language, "keyword.reply_too_long"))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error { return models.SaveKeywords(tx, a, k) })
}
