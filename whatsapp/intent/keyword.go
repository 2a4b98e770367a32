package intent

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"parley/whatsapp/locale"
	"parley/whatsapp/plaintext"
)

// Keyword is the meaning of a message that consists of one keyword.
type Keyword string

// The keywords' meanings.
const (
	NoKeyword    Keyword = ""
	StopKeyword  Keyword = "stop"
	StartKeyword Keyword = "start"
	HelpKeyword  Keyword = "help"
)

// KeywordKinds are the meanings in the order in which they are shown and looked up: an opt-out comes first.
func KeywordKinds() []Keyword { return []Keyword{StopKeyword, StartKeyword, HelpKeyword} }

// Keywords are the words of each meaning, and the replies to them by language.
type Keywords struct {
	Words   map[Keyword][]string          `json:"words"`
	Replies map[Keyword]map[string]string `json:"replies"` // by base language; "en" is the fall-back
	Silent  bool                          `json:"silent"`  // send no reply
}

// TwilioWords are Twilio's default English words, which can't be removed from the lists: people know them, and Twilio
// handles them itself if it manages opt-outs. Source: Twilio, "Support for opt-out keywords".
var TwilioWords = map[Keyword][]string{
	StopKeyword:  {"stop", "unsubscribe", "cancel", "end", "quit", "stopall", "revoke", "optout"},
	StartKeyword: {"start", "yes", "unstop"},
	HelpKeyword:  {"help", "info"},
}

// byLanguage are the common words of other languages. "Yes" is not translated: it answers too many questions.
var byLanguage = map[string]map[Keyword][]string{
	"en": {StopKeyword: {"opt out", "opt-out", "stop all"}, StartKeyword: {"subscribe", "optin", "opt in", "opt-in"}},
	"es": {
		StopKeyword:  {"alto", "parar", "baja", "cancelar", "detener", "darse de baja", "desuscribir"},
		StartKeyword: {"empezar", "iniciar", "suscribir"},
		HelpKeyword:  {"ayuda"},
	},
	"pt": {
		StopKeyword:  {"pare", "sair", "descadastrar", "remover"},
		StartKeyword: {"começar", "inscrever"},
		HelpKeyword:  {"ajuda"},
	},
	"de": {
		StopKeyword:  {"stopp", "abmelden", "abbestellen", "beenden", "austragen"},
		StartKeyword: {"anmelden", "starten"},
		HelpKeyword:  {"hilfe"},
	},
	"fr": {
		StopKeyword:  {"arrêt", "arrêter", "arrêtez", "désabonner", "désinscrire"},
		StartKeyword: {"commencer", "abonner"},
		HelpKeyword:  {"aide"},
	},
	"it": {
		StopKeyword:  {"ferma", "annulla", "disiscrivi", "basta", "disattiva"},
		StartKeyword: {"inizia", "iscrivi"},
		HelpKeyword:  {"aiuto"},
	},
	"nl": {StopKeyword: {"stoppen", "afmelden", "uitschrijven"}, StartKeyword: {"aanmelden"}, HelpKeyword: {"hulp"}},
	"pl": {StopKeyword: {"zatrzymaj", "rezygnuję", "wypisz"}, HelpKeyword: {"pomoc"}},
	"tr": {StopKeyword: {"dur", "durdur", "iptal"}, StartKeyword: {"başla", "başlat"}, HelpKeyword: {"yardım"}},
	"ru": {
		StopKeyword:  {"стоп", "отписаться", "отписка"},
		StartKeyword: {"старт", "подписаться"},
		HelpKeyword:  {"помощь"},
	},
	"ar": {StopKeyword: {"توقف", "إيقاف", "قف", "إلغاء"}, StartKeyword: {"ابدأ", "بدء"}, HelpKeyword: {"مساعدة"}},
	"he": {StopKeyword: {"עצור", "הסר", "הפסק"}, StartKeyword: {"התחל"}, HelpKeyword: {"עזרה"}},
	"hi": {StopKeyword: {"रोकें", "बंद", "बंद करो"}, StartKeyword: {"शुरू"}, HelpKeyword: {"मदद"}},
	"id": {StopKeyword: {"berhenti", "keluar"}, StartKeyword: {"mulai"}, HelpKeyword: {"bantuan"}},
	"zh": {StopKeyword: {"停止", "退订", "退訂", "取消"}, StartKeyword: {"开始", "開始", "订阅"}, HelpKeyword: {"帮助", "幫助"}},
	"ja": {StopKeyword: {"停止", "解除", "配信停止"}, StartKeyword: {"登録"}, HelpKeyword: {"ヘルプ"}},
}

// BusinessMark is the placeholder for the business's name in a reply.
const BusinessMark = "{{business}}"

// DefaultKeywords are the default lists and replies.
func DefaultKeywords() Keywords {
	k := Keywords{Words: map[Keyword][]string{}, Replies: map[Keyword]map[string]string{
		StopKeyword: {
			"en": "You won't receive any more notifications from {{business}}. Reply START if you change your mind.",
			"es": "No recibirá más avisos de {{business}}. Responda START si cambia de opinión.",
			"pt": "Você não receberá mais avisos de {{business}}. Responda START se mudar de ideia.",
			"de": "Sie erhalten keine weiteren Benachrichtigungen von {{business}}. Antworten Sie START, wenn Sie es sich " +
				"anders überlegen.",
			"fr": "Vous ne recevrez plus de notifications de {{business}}. Répondez START si vous changez d'avis.",
			"it": "Non riceverà più notifiche da {{business}}. Risponda START se cambia idea.",
			"nl": "U ontvangt geen meldingen meer van {{business}}. Antwoord START als u zich bedenkt.",
		},
		StartKeyword: {
			"en": "You will receive notifications from {{business}} on WhatsApp. Reply STOP at any time to end them.",
			"es": "Recibirá avisos de {{business}} por WhatsApp. Responda STOP cuando quiera dejar de recibirlos.",
			"pt": "Você receberá avisos de {{business}} pelo WhatsApp. Responda STOP quando quiser parar.",
			"de": "Sie erhalten Benachrichtigungen von {{business}} über WhatsApp. Antworten Sie jederzeit STOP, um sie zu " +
				"beenden.",
			"fr": "Vous recevrez des notifications de {{business}} sur WhatsApp. Répondez STOP à tout moment pour y mettre fin.",
			"it": "Riceverà notifiche da {{business}} su WhatsApp. Risponda STOP in qualsiasi momento per interromperle.",
			"nl": "U ontvangt meldingen van {{business}} via WhatsApp. Antwoord op elk moment STOP om ze te beëindigen.",
		},
		HelpKeyword: {
			"en": "This is {{business}} on WhatsApp. Write your question here and somebody answers. Reply STOP to end " +
				"notifications.",
			"es": "Esto es {{business}} en WhatsApp. Escriba su pregunta y alguien le responderá. Responda STOP para no " +
				"recibir más avisos.",
			"pt": "Aqui é {{business}} no WhatsApp. Escreva sua pergunta e alguém responderá. Responda STOP para não receber " +
				"mais avisos.",
			"de": "Hier ist {{business}} auf WhatsApp. Schreiben Sie Ihre Frage, jemand antwortet Ihnen. Antworten Sie STOP, " +
				"um Benachrichtigungen zu beenden.",
			"fr": "Ici {{business}} sur WhatsApp. Écrivez votre question et quelqu'un vous répondra. Répondez STOP pour ne " +
				"plus recevoir de notifications.",
			"it": "Questo è {{business}} su WhatsApp. Scriva la sua domanda e qualcuno risponderà. Risponda STOP per non " +
				"ricevere più notifiche.",
			"nl": "Dit is {{business}} op WhatsApp. Stel hier uw vraag en iemand antwoordt. Antwoord STOP om meldingen te " +
				"beëindigen.",
		},
	}}
	for kind, words := range TwilioWords {
		k.Words[kind] = slices.Clone(words)
	}
	for _, l := range languagesOfWords() {
		for kind, words := range byLanguage[l] {
			for _, w := range words {
				if !slices.Contains(k.Words[kind], w) {
					k.Words[kind] = append(k.Words[kind], w)
				}
			}
		}
	}
	return k
}

func languagesOfWords() []string {
	var out []string
	for l := range byLanguage {
		out = append(out, l)
	}
	slices.Sort(out)
	return out
}

// listed is plaintext.Normalize for entries of the lists, which every message is compared with; each is folded once.
func listed(s string) string {
	if w, ok := listedWords.Load(s); ok {
		return w.(string)
	}
	w := plaintext.Normalize(s)
	listedWords.Store(s, w)
	return w
}

var listedWords sync.Map

// Of reads a message as a keyword: the whole message, in any case, without the space and punctuation around it. A
// message that merely contains the word is not a keyword. An opt-out may also be spelled out (S.T.O.P, un-subscribe).
func (k Keywords) Of(body string) Keyword {
	kind := k.exactly(body)
	if kind == NoKeyword && len(body) <= maxKeywordBytes && k.spelledStop(body) {
		return StopKeyword
	}
	return kind
}

// maxKeywordBytes is the longest message that is compared with the lists.
const maxKeywordBytes = 200

func (k Keywords) exactly(body string) Keyword {
	if len(body) > maxKeywordBytes {
		return NoKeyword
	}
	w := plaintext.Normalize(body)
	if w == "" {
		return NoKeyword
	}
	for _, kind := range KeywordKinds() {
		if slices.Contains(TwilioWords[kind], w) ||
			slices.ContainsFunc(k.Words[kind], func(s string) bool { return listed(s) == w }) {
			return kind
		}
	}
	return NoKeyword
}

// spelledStop reports whether the letters of the whole message, without the characters between them, are an opt-out
// word.
func (k Keywords) spelledStop(body string) bool {
	letters := squeeze(body)
	if letters == "" {
		return false
	}
	same := func(s string) bool { return squeezed(s) == letters }
	return slices.Contains(TwilioWords[StopKeyword], letters) || slices.ContainsFunc(k.Words[StopKeyword], same)
}

// squeezed is squeeze for entries of the lists; each is folded once.
func squeezed(s string) string {
	if w, ok := squeezedWords.Load(s); ok {
		return w.(string)
	}
	w := squeeze(s)
	squeezedWords.Store(s, w)
	return w
}

var squeezedWords sync.Map

// squeeze is the folded letters and digits of a text, without anything between them.
func squeeze(s string) string {
	folded, _ := plaintext.Fold(s)
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return r
		}
		return -1
	}, folded)
}

// Language is the language that a keyword belongs to, empty if it belongs to none.
func (k Keywords) Language(body string) string {
	w := plaintext.Normalize(body)
	for _, l := range languagesOfWords() {
		for _, words := range byLanguage[l] {
			if slices.ContainsFunc(words, func(s string) bool { return listed(s) == w }) {
				return l
			}
		}
	}
	return ""
}

// Reply is the reply to a keyword in one of the languages, in the order given; English is the fall-back.
func (k Keywords) Reply(kind Keyword, business string, languages ...string) string {
	if k.Silent {
		return ""
	}
	for _, l := range append(languages, "en") {
		if text := strings.TrimSpace(k.Replies[kind][locale.BaseLanguage(l)]); text != "" {
			return strings.ReplaceAll(text, BusinessMark, business)
		}
	}
	return ""
}

// KeywordOf reads a message by Twilio's own English words, as Twilio itself does: the whole message, no spelled-out
// letters. Source: Twilio, "Support for opt-out keywords".
func KeywordOf(body string) Keyword { return Keywords{}.exactly(body) }
