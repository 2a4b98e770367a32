package policy

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"parley/whatsapp"
)

// Verticals are the lines of business that WhatsApp accepts. Source: Twilio, WhatsApp Senders API.
var Verticals = []string{
	"Automotive",
	"Beauty, Spa and Salon",
	"Clothing and Apparel",
	"Education",
	"Entertainment",
	"Event Planning and Service",
	"Finance and Banking",
	"Food and Grocery",
	"Public Service",
	"Hotel and Lodging",
	"Medical and Health",
	"Non-profit",
	"Professional Services",
	"Shopping and Retail",
	"Travel and Transportation",
	"Restaurant",
	"Other",
}

// NotEligible is a line of business that WhatsApp does not accept, and why.
type NotEligible struct{ Name, Why string }

// notEligible by WhatsApp's commerce policy, and the regulated verticals of the Senders API.
var notEligible = []struct {
	NotEligible
	words string
}{
	{
		NotEligible{
			"Gambling, online or physical",
			"WhatsApp admits games for money only with Meta's own written permission, country by country.",
		},
		`gambl|casino|betting|lotter|poker`,
	},
	{
		NotEligible{"Adult goods and services", "WhatsApp's commerce policy forbids them."},
		`adult|escort|erotic|porn|sex shop`,
	},
	{
		NotEligible{"Alcohol", "Meta admits it only with its own permission, and only where the law allows it."},
		`alcohol|liquor|brewery|spirits`,
	},
	{
		NotEligible{
			"Tobacco and drugs",
			"WhatsApp's commerce policy forbids them, vapes and everything that belongs to them included.",
		},
		`tobacco|cigar|vape|drugs|cannabis|cbd`,
	},
	{
		NotEligible{
			"Medicines and supplements",
			"WhatsApp's commerce policy forbids selling them; over-the-counter drugs need Meta's own permission. A clinic or " +
				"a doctor's office is eligible as Medical and Health.",
		},
		`medicine|supplement|pharmac|otc`,
	},
	{
		NotEligible{"Weapons", "WhatsApp's commerce policy forbids weapons, ammunition and explosives."},
		`weapon|firearm|ammunition|explosive|guns?\b`,
	},
	{
		NotEligible{"Live animals", "WhatsApp's commerce policy forbids selling them."},
		`live animal|animals for sale|puppies`,
	},
	{
		NotEligible{"Multi-level marketing and payday loans", "WhatsApp's commerce policy forbids these models of business."},
		`multi-?level|\bmlm\b|payday|quick loan`,
	},
	{
		NotEligible{"Real, virtual or fake currency", "WhatsApp's commerce policy forbids trading with them."},
		`currency|crypto|bitcoin|forex`,
	},
	{
		NotEligible{
			"Dating and matrimony",
			"WhatsApp's commerce policy forbids dating; matrimony services need Meta's own permission.",
		},
		`dating|matrimon|matchmaking`,
	},
	{
		NotEligible{
			"Anything illegal where you or your customers are",
			"It is refused everywhere, and the number is taken away.",
		},
		`illegal|counterfeit`,
	},
}

var notEligibleWords = func() []*regexp.Regexp {
	out := make([]*regexp.Regexp, len(notEligible))
	for i, n := range notEligible {
		out[i] = regexp.MustCompile(`(?i)\b(` + n.words + `)`)
	}
	return out
}()

// NotEligibleList are the lines of business that WhatsApp does not accept. Source: WhatsApp Commerce Policy.
func NotEligibleList() []NotEligible {
	out := make([]NotEligible, len(notEligible))
	for i, n := range notEligible {
		out[i] = n.NotEligible
	}
	return out
}

// VerticalProblem says what is wrong with a line of business, empty if it is one that WhatsApp takes or none.
func VerticalProblem(v string) string {
	if v == "" || slices.Contains(Verticals, v) {
		return ""
	}
	if n := notEligibleIn(v); n != nil {
		return n.Name + ": not eligible. " + n.Why
	}
	return "Choose a line of business from the list; what is not in it is not eligible, “Other” apart."
}

func notEligibleIn(text string) *NotEligible {
	for i, re := range notEligibleWords {
		if re.MatchString(text) {
			return &notEligible[i].NotEligible
		}
	}
	return nil
}

// UseCases are what a number may be used for, with what each means. Promotion is not among them.
var UseCases = []struct{ Value, Label string }{
	{"customer_care", "Customer care: you answer people who write to you"},
	{"notifications", "Notifications: alerts and reminders to people who opted in"},
	{"mixed", "Both"},
}

// UseCaseProblem says what is wrong with a use case, empty if it is one or none.
func UseCaseProblem(v string) string {
	switch v {
	case "", "customer_care", "notifications", "mixed":
		return ""
	}
	if regexp.MustCompile(`(?i)promo|market|advert|sale`).MatchString(v) {
		return "Promotion is never admitted: choose customer care, notifications, or both."
	}
	return "Choose customer care, notifications, or both."
}

// NameFinding is what is wrong with a display name. One that does not block is worth a second look.
type NameFinding struct {
	Text   string
	Blocks bool
}

// Business is what a display name is compared with.
type Business struct{ LegalName, Website, ContactName string }

var (
	superlative = regexp.MustCompile(
		`(?i)(^|[^\p{L}])(best|cheapest|number one|no\.? ?1|#1|top|leading|greatest|finest|ultimate|world'?s|no\. ` +
			`1)([^\p{L}]|$)`,
	)
	emojiOrOdd = regexp.MustCompile(`[^\p{L}\p{M}\p{N} .,&'’()+/\-–:]`)
	webAddress = regexp.MustCompile(
		`(?i)(https?:|www\.|\.(com|net|org|io|de|shop|store|app|biz|info|co|uk|fr|es|it|nl|eu)(/|$|\s))`,
	)
	alone = regexp.MustCompile(
		`(?i)^(the )?(customer (service|care|support)|support( team)?|help ?desk|service( ` +
			`team)?|notifications?|alerts?|info(rmation)?|sales|shop|store|online ` +
			`(shop|store)|clinic|hospital|doctor|dentist|restaurant|cafe|café|hotel|bank|school|company|business|team|office|` +
			`pharmacy|salon|agency|delivery|orders?|reminders?|news|test( account)?|demo|my business|whats ?app( business)?)$`,
	)
	legalForm = regexp.MustCompile(
		`(?i)\b(gmbh|ag|kg|ug|ohg|inc|llc|ltd|limited|plc|corp|corporation|co|company|s\.?a\.?|s\.?l\.?|s\.?r\.?l\.?|bv|` +
			`b\.v\.|nv|oy|ab|as|pty|pvt|the|and|und|of|de|la|el|der|die|das)\b\.?`,
	)
)

// DisplayName checks a display name against WhatsApp's rules. Sources: Meta, display name guidelines; Twilio, WhatsApp
// Senders. The name is the business's own or well known one, visibly related to it; no generic word alone, no person's
// name alone, not WhatsApp or Facebook, no web address, no superlatives, no capitals throughout unless the brand is so,
// no emoji or odd symbols, at least 3 characters and at most 75.
func DisplayName(name string, b Business) []NameFinding {
	name = strings.TrimSpace(name)
	if name == "" {
		return nil
	}
	var out []NameFinding
	block := func(bad bool, text string) {
		if bad {
			out = append(out, NameFinding{text, true})
		}
	}
	lower := strings.ToLower(name)
	compact := strings.NewReplacer(" ", "", "-", "", ".", "").Replace(lower)
	block(whatsapp.Length(name) < 3, "A display name has at least 3 characters.")
	block(whatsapp.Length(name) > 75, "A display name has at most 75 characters.")
	brand := regexp.MustCompile(`whats?app|facebook|instagram|\bmeta\b`)
	block(
		brand.MatchString(compact) || brand.MatchString(lower),
		"A display name can't hold “WhatsApp”, “Facebook” or another name of Meta's.",
	)
	block(webAddress.MatchString(name), "A web address is no display name: write the business's name as people say it.")
	block(superlative.MatchString(name), "A display name takes no superlatives such as “best” or “No. 1”.")
	block(emojiOrOdd.MatchString(name), "A display name takes no emoji or odd symbols.")
	block(
		alone.MatchString(name),
		"“"+name+"” is a general word: put your business's own name to it, for example “Harbor "+name+"”.",
	)
	block(
		!strings.ContainsFunc(name, unicode.IsLetter) && whatsapp.Length(name) >= 3,
		"A display name has letters, not only digits and signs.",
	)
	block(
		b.ContactName != "" && sameName(b.ContactName, name) && !strings.EqualFold(b.LegalName, name),
		"A person's name alone is no display name: write the business's name.",
	)
	if allCapitals(name) && !strings.Contains(b.LegalName, name) {
		block(
			true,
			"Not all capitals, unless the brand itself is written so: write "+titled(
				name,
			)+", not "+name+". If the brand is, the legal name shows it.",
		)
	}
	if related, known := Related(name, b); known && !related && len(out) == 0 {
		out = append(
			out,
			NameFinding{
				Text: "No word of the display name is in the legal name or the website's address. Reviewers look for a visible " +
					"relation: show the name on the website, or choose one that is closer.",
			},
		)
	}
	return out
}

func allCapitals(name string) bool {
	letters := 0
	for _, r := range name {
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsUpper(r) {
			letters++
		}
	}
	return letters > 4
}

func titled(name string) string {
	words := strings.Fields(strings.ToLower(name))
	for i, w := range words {
		r := []rune(w)
		r[0] = unicode.ToUpper(r[0])
		words[i] = string(r)
	}
	return strings.Join(words, " ")
}

func sameName(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// Related reports whether a display name has a word of the business's legal name or of its website's host; known is
// false if there is nothing to compare it with.
func Related(name string, b Business) (related, known bool) {
	host := ""
	if u, err := url.Parse(b.Website); err == nil {
		host = strings.ToLower(strings.TrimPrefix(u.Hostname(), "www."))
	}
	legal := strings.ToLower(b.LegalName)
	if host == "" && legal == "" {
		return false, false
	}
	host = strings.NewReplacer("-", "", ".", "").Replace(host)
	between := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	for _, w := range strings.FieldsFunc(legalForm.ReplaceAllString(strings.ToLower(name), " "), between) {
		if whatsapp.Length(w) > 1 && (strings.Contains(legal, w) || strings.Contains(host, w)) {
			return true, true
		}
	}
	return false, true
}

var businessID = regexp.MustCompile(`^[0-9]{15,17}$`)

// BusinessIDProblem says what is wrong with a Facebook Business Manager ID, empty if nothing. It has 15 to 17 digits
// (unverified: Meta nowhere says so).
func BusinessIDProblem(id string) string {
	if id == "" || businessID.MatchString(id) {
		return ""
	}
	return "A Business Manager ID has 15 to 17 digits and nothing else; you find it in Meta's Business settings under " +
		"Business info."
}
