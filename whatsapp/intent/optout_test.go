package intent

import (
	"strings"
	"testing"

	"parley/whatsapp"
)

// An opt-out word is recognized in any spelling; the simulated Twilio recognizes only the spellings that Twilio does.
func TestSpelledOptOuts(t *testing.T) {
	k := DefaultKeywords()
	for _, s := range []string{
		"S.T.O.P", "s t o p", "S-T-O-P!", "s.t.o.p.", "S_T_O_P", "Ｓ Ｔ Ｏ Ｐ", "ＳＴＯＰ", "ST\u200bOP", "S\u200dT\u2060O\ufeffP", "S\u0336T\u0336O\u0336P\u0336",
		"un-subscribe", "un subscribe", "OPT.OUT", "opt_out", "stop-all", "توقـف", "تـوقـف", "تــوقــف", "ت و ق ف", "إيـقاف", "A.B.M.E.L.D.E.N", "ab-melden",
		"dé-sinscrire", "D A R S E  D E  B A J A", "стоп!", "С.Т.О.П", "退 订", "ストップ以外の停止"[len("ストップ以外の"):], "S\u3164T\u3164O\u3164P", "𝗦𝗧𝗢𝗣", "🛑 STOP 🛑",
	} {
		if got := k.Of(s); got != StopKeyword {
			t.Errorf("%q is %q", s, got)
		}
		if k.Mentions(s) {
			t.Errorf("%q is an opt-out and offered as a hint", s)
		}
	}
	for _, s := range []string{"S.T.O.P", "s t o p", "un-subscribe", "Y.E.S", "y e s", "h e l p"} {
		if got := KeywordOf(s); got != NoKeyword {
			t.Errorf("Twilio does not read %q as %q", s, got)
		}
	}
	for _, s := range []string{"y.e.s", "S.T.A.R.T", "s t a r t"} {
		if got := k.Of(s); got != NoKeyword {
			t.Errorf("%q opts in: %q", s, got)
		}
	}
}

// A message that asks for no more messages, in any language and spelling, is marked for the agent; it opts nobody out
// automatically.
func TestOptOutHints(t *testing.T) {
	k := DefaultKeywords()
	for _, s := range strings.Split(strings.TrimSpace(`
remove me
Please remove me from your list
unsuscribe
unsubscribe me please!
how do I unsubscribe?
I can't unsubscribe, help
stop messaging me
STOP texting me!!!
please stop sending me these
Why can't I stop these messages?
no more messages
No more messages, thank you.
take me off your list
Take my number off
Don't text me again
do not contact me anymore
I don't want these messages
I no longer wish to receive this
leave me alone
opt me out
Could you stop now
No, stop
I said stop. Now.
STOP STOP STOP
cancel my subscription
If you don't stop texting I'll report you
who is this? I never signed up
ST0P
stop whatsapp notifications
stop these annoying reminders
Keine Nachrichten mehr bitte
Bitte schreiben Sie mir nicht mehr
hör auf, bitte abmelden
Hört auf!
Melden Sie mich bitte ab
Nehmen Sie mich aus dem Verteiler
Ich will keine Werbung
Löschen Sie meine Nummer
Lasst mich in Ruhe
Ich möchte mich abmelden
Nachrichten bitte stoppen
No me escriban más
no quiero recibir más mensajes
quiero darme de baja
Denme de baja por favor
No puedo darme de baja
elimíneme de su lista
dejen de mandarme cosas
Ne m'envoyez plus de messages
je veux me désinscrire
Je n'arrive pas à me désabonner
Arrêtez de m'écrire
plus de messages svp
Não quero mais receber mensagens
me tire da lista
Pare de me mandar mensagem
não consigo descadastrar
Non voglio più ricevere messaggi
cancellatemi dalla lista
Basta messaggi!
smettetela di scrivermi
Geen berichten meer a.u.b.
meld me af
ik wil me graag uitschrijven
haal me van de lijst
Mesaj atmayın artık
mesaj almak istemiyorum
beni listeden çıkarın
mesajları durdurun lütfen
لا ترسلوا لي رسائل
أوقفوا الرسائل
الغاء الاشتراك من فضلك
احذفوا رقمي
मुझे मैसेज मत भेजो
मैसेज बंद करो
message mat bhejo bhai
Отпишите меня, пожалуйста
не присылайте больше ничего
хватит слать спам
proszę mnie wypisać, nie piszcie więcej
wypiszcie mnie z listy
jangan kirim pesan lagi
הסירו אותי מהרשימה
请不要再发消息了
我想取消订阅
もう送らないでください
그만 보내세요
`), "\n") {
		if !k.Mentions(s) {
			t.Errorf("no hint for %q", s)
		}
		if got := k.Of(s); got != NoKeyword {
			t.Errorf("%q is %q by itself", s, got)
		}
	}
}

// Everyday sentences about stops, ends and cancelling are neither opt-outs nor marked.
func TestNoOptOutHints(t *testing.T) {
	k := DefaultKeywords()
	for _, s := range strings.Split(strings.TrimSpace(`
what time does the shop stop serving
What time does the bus stop running?
please don't stop sending
Please don't stop now, it's great
please don't stop sending me messages
I can't stop laughing
Do you have a non-stop flight?
non-stop
nonstop
The bus stop is over there
which bus stop is closest
one-stop shop
full stop
Can you stop by tomorrow?
Stop by at five
can I cancel my appointment?
I need to cancel my booking for Friday
cancel appointment
My order was cancelled
by the end of May
at the end of the month
The end of the street
I quit smoking last year
Don't cancel my order please
I do not want to unsubscribe
never remove me from the list, I love it
we will never stop loving your cakes
do you sell cancel culture books
I need information
Friend, what a weekend
unstoppable
my dog won't stop barking
Where does the tour end?
Should I send the message to you?
thanks for the messages!
I would like to receive more messages
please text me when it is ready
Don't send me the large size
Wann hören Sie auf zu liefern?
Wann endet die Aktion?
Ich kann nicht aufhören zu lachen
Ich möchte mich nicht abmelden
Bitte den Termin stornieren
Wo ist die nächste Bushaltestelle?
Wie kann ich die Bestellung beenden
¿A qué hora paran de servir?
La planta baja está cerrada
El precio es muy alto
quiero cancelar mi cita
No quiero darme de baja
Hablen en voz baja
Où est l'arrêt de bus ?
Ne me désabonnez pas... euh, à quelle heure fermez-vous ?
quero cancelar meu pedido
Que horas vocês vão sair?
Não pare!
Basta una persona?
Vorrei annullare l'ordine
A che ora chiude
wanneer stoppen jullie vandaag
waar is de bushalte
randevumu iptal etmek istiyorum
durak nerede
دكان متى يغلق
اريد الغاء الحجز
दुकान कब बंद होती है
когда вы закрываетесь
请取消我的预约
营业到几点
予約をキャンセルしたい
I got your message, can you stop the oven?
Cancel the order, not the delivery to my mother's house in the village
`), "\n") {
		if k.Mentions(s) {
			t.Errorf("a hint for %q", s)
		}
		if got := k.Of(s); got != NoKeyword {
			t.Errorf("%q is %q", s, got)
		}
	}
}

// A tap is an opt-out if its text or its id says so unambiguously; Cancel and Yes are answers.
func TestTaps(t *testing.T) {
	k := DefaultKeywords()
	k.Words[StopKeyword] = append(k.Words[StopKeyword], "genug")
	for _, c := range []struct {
		title, id string
		want      Keyword
	}{
		{"Stop", "", StopKeyword}, {"STOP", "x", StopKeyword}, {"Abmelden", "", StopKeyword}, {"Abmelden", "btn_2", StopKeyword}, {"Stop promotions", "", StopKeyword},
		{"Stop Promotions 🚫", "", StopKeyword}, {"Unsubscribe", "", StopKeyword}, {"Abbestellen", "", StopKeyword}, {"Se désinscrire", "", StopKeyword},
		{"Cancelar suscripción", "", StopKeyword}, {"Darse de baja", "", StopKeyword}, {"Werbeaktionen stoppen", "", StopKeyword}, {"Interrompre les promotions", "", StopKeyword},
		{"Detener promociones", "", StopKeyword}, {"Interromper promoções", "", StopKeyword}, {"Opt out", "", StopKeyword}, {"opt-out", "", StopKeyword}, {"No more messages", "", StopKeyword},
		{"Keine Nachrichten mehr", "", StopKeyword}, {"Remove me", "", StopKeyword}, {"إيقاف العروض الترويجية", "", StopKeyword}, {"Genug", "", StopKeyword}, {"退订", "", StopKeyword},
		{"Nein danke", "STOP", StopKeyword}, {"No thanks", "stop", StopKeyword}, {"Yes", "STOP", StopKeyword}, {"Cancel", "STOP", StopKeyword}, {"Weiter", "Unsubscribe", StopKeyword},
		{"", "STOP", StopKeyword}, {"X", "opt_out", StopKeyword}, {"X", "STOP_PROMOTIONS", StopKeyword}, {"X", "stop:campaign-7", StopKeyword}, {"X", "genug", StopKeyword}, {"X", "stopall", StopKeyword},
		{"Cancel", "", NoKeyword}, {"Cancel", "cancel", NoKeyword}, {"Cancel", "CANCEL", NoKeyword}, {"Absagen", "cancel", NoKeyword}, {"Yes", "", NoKeyword}, {"Yes", "yes", NoKeyword}, {"YES", "START", NoKeyword},
		{"End", "end", NoKeyword}, {"Help", "", NoKeyword}, {"Baja", "low", NoKeyword}, {"Cancelar", "", NoKeyword}, {"Cancelar cita", "cancel_appointment", NoKeyword}, {"Iptal", "", NoKeyword},
		{"Bus stop", "stop_12", NoKeyword}, {"Don't stop", "", NoKeyword}, {"Good", "parley-rating-3", NoKeyword}, {"", "", NoKeyword}, {"Keep them coming", "keep", NoKeyword},
		{"Start", "", StartKeyword}, {"Unstop", "", StartKeyword}, {"Start", "STOP", StopKeyword},
	} {
		if got := k.OfTap(c.title, c.id); got != c.want {
			t.Errorf("tap on %q with id %q: %q, not %q", c.title, c.id, got, c.want)
		}
	}
	for title, want := range map[string]bool{"Please unsubscribe me": true, "No more reminders, thanks": true, "Cancel": false, "Stop the clock": false, "Yes": false, "Stop": false} {
		if got := k.TapMentions(title, ""); got != want {
			t.Errorf("a hint for the tap %q: %v", title, got)
		}
	}
}

// Files express yes and no with many words; a word that is neither never counts as yes.
func TestReadConsent(t *testing.T) {
	for want, words := range map[whatsapp.Consent]string{
		whatsapp.OptedOut: `Abgemeldet|abbestellt|ausgetragen|unsubscribed|opted out|opt-out|OPTED_OUT|Opt Out|nein|NEIN|no|No.|n|0|0.0|false|FALSE|baja|dado de baja|
			désinscrit|desinscrit|désabonné|disiscritto|cancelado|uitgeschreven|отписан|отказ|nie|não|nao|hayır|HAYIR|iptal|لا|否|いいえ|blocked|stop|STOP|S.T.O.P|
			✗|❌|non|nee|нет|unsubscribed on 2026-03-01|Abgemeldet am 01.05.2026|no (by phone)|unsubscribe|abmelden|cancelled|blacklisted|do not contact|
			não inscrito|widerrufen|ＮＯ|n\u200bo|revoked|denied|لــا`,
		whatsapp.OptedIn:     `yes|Yes|y|true|TRUE|1|1.0|x|✓|✔️|ja|sí|si|oui|sim|evet|да|نعم|是|はい|opted in|opted_in|Opt-In|subscribed|Angemeldet|granted|suscrito|inscrit|同意`,
		whatsapp.ConsentNone: `|  |-|n/a|none|unknown|unbekannt|?|pending|keine Angabe`,
	} {
		for w := range strings.SplitSeq(strings.ReplaceAll(words, "\n\t\t\t", ""), "|") {
			w = strings.ReplaceAll(w, `\u200b`, "\u200b")
			if got, ok := ReadConsent(w); got != want || !ok {
				t.Errorf("%q: %q %v, not %q", w, got, ok, want)
			}
		}
	}
	for _, w := range []string{"maybe", "vielleicht", "yes but no", "2", "active", "kunde", "yess", "not yes", "ja nein", "2026-05-01", "no idea", "yes (2026-01-01)", strings.Repeat("no ", 200)} {
		if got, ok := ReadConsent(w); ok || got != whatsapp.ConsentNone {
			t.Errorf("%q is taken as %q %v", w, got, ok)
		}
	}
	for w, want := range map[string]whatsapp.Consent{"unsubscribed": whatsapp.OptedOut, "Abgemeldet": whatsapp.OptedOut, "Unsubscribed on 1.5.2026": whatsapp.OptedOut, "subscribed": whatsapp.OptedIn,
		"no": "", "0": "", "nein": "", "": "", "not unsubscribed": "", "baja": "", "cancelled": "", "yes": "", "stop": ""} {
		if got, ok := SaysConsent(w); ok != (want != "") || ok && got != want {
			t.Errorf("%q says %q %v", w, got, ok)
		}
	}
}

func FuzzOptOutWords(f *testing.F) {
	for _, s := range []string{"stop", "S.T.O.P", "remove me", "no (x", "unsubscribed on 1", "توقـف", "请取消", "\xff", "don't", strings.Repeat("stop ", 50)} {
		f.Add(s)
	}
	k := DefaultKeywords()
	f.Fuzz(func(t *testing.T, s string) {
		if k.Of(s) != NoKeyword && k.Mentions(s) {
			t.Errorf("%q is a keyword and a hint", s)
		}
		if c, ok := ReadConsent(s); !ok && c != whatsapp.ConsentNone {
			t.Errorf("%q is unknown and taken as %s", s, c)
		}
		k.OfTap(s, s)
		k.TapMentions(s, "")
	})
}
