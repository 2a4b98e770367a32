package whatsapp

import (
	"strconv"
	"strings"

	"parley/whatsapp/locale"
)

// The words of an authentication template are WhatsApp's own; only the code, the advice and the time can
// be chosen (Twilio, whatsapp/authentication).
var authenticationTexts = map[string][3]string{
	"en": {
		"*{{Code}}* is your verification code.",
		"For your security, do not share this code.",
		"This code expires in # minutes.",
	},
	"es": {
		"Tu código de verificación es *{{Code}}*.",
		"Por tu seguridad, no lo compartas.",
		"Este código caduca en # minutos.",
	},
	"pt": {
		"Seu código de verificação é *{{Code}}*.",
		"Para sua segurança, não o compartilhe.",
		"Este código expira em # minutos.",
	},
	"de": {
		"Dein Bestätigungscode lautet *{{Code}}*.",
		"Teile diesen Code zu deiner Sicherheit nicht mit anderen.",
		"Dieser Code läuft in # Minuten ab.",
	},
	"fr": {
		"Votre code de vérification est *{{Code}}*.",
		"Pour votre sécurité, ne le partagez pas.",
		"Ce code expire dans # minutes.",
	},
}

// AuthenticationText is what the person will read, in the language or else in English.
func AuthenticationText(language string, c *Content) string {
	t, ok := authenticationTexts[locale.BaseLanguage(language)]
	if !ok {
		t = authenticationTexts["en"]
	}
	out := t[0]
	if c.Advice {
		out += " " + t[1]
	}
	if c.Minutes > 0 {
		out += " " + strings.Replace(t[2], "#", strconv.Itoa(c.Minutes), 1)
	}
	return out
}
