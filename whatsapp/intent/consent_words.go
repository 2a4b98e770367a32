package intent

import (
	"slices"
	"strings"
	"unicode"

	"parley/whatsapp"
)

// The words by which files say yes and no, and opted in and opted out, compared folded and without the characters
// between the letters.
const (
	yesWords = `yes, y, true, 1, 1.0, x, on, ok, ✓, ✔, ☑, ✅, ja, j, jawohl, si, sí, s, oui, o, sim, vrai,
		verdadero, verdadeiro, vero, wahr, waar, evet, tak, ano, da, да, nai, ναι, igen, joo, kyllä, jah, ya, yep,
		نعم, اي, כן, हाँ, हां, haan, 是, 是的, はい, 有, 예, 네, vâng, có, ใช่`
	noWords = `no, n, false, 0, 0.0, off, ✗, ✘, ❌, ✖, nein, non, nao, não, nee, nei, nej, nie, ne, nu, falsch,
		falso, faux, onwaar, hayir, hayır, нет, ні, όχι, ohi, nem, ei, tidak, nope, never, لا, لأ, לא, नहीं, nahi,
		nahin, 否, 不, 不是, いいえ, 無, 无, 아니요, 아니오, không, ไม่`
	optedInWords = `opted in, opt in, optin, subscribed, subscribe, confirmed, granted, given, agreed,
		consented, consent given, accepted, allowed, angemeldet, zugestimmt, eingewilligt, erteilt, abonniert, aktiv
		angemeldet, bestätigt, suscrito, suscrita, alta, dado de alta, aceptado, aceptada, autorizado, acepta,
		inscrit, inscrite, abonné, abonnée, accepté, inscrito, inscrita, aceito, autorizado, iscritto, iscritta,
		accettato, acconsentito, aangemeld, ingeschreven, toegestaan, zapisany, zapisana, zgoda, onaylı, kabul,
		abone, подписан, подписана, согласен, согласна, согласие, موافق, مشترك, 同意, 已订阅, 已訂閱, 同意する, 登録済み`
	optedOutWords = `opted out, opt out, optout, opting out, unsubscribed, unsub, unsuscribed, unsubscribed user, globally
		unsubscribed, not subscribed, consent withdrawn, consent revoked, not opted in, do not contact, dont contact, do not
		message, do not send, dnc, do not disturb, blacklisted, blocklisted, abgemeldet, abbestellt, ausgetragen, widerrufen,
		widersprochen, nicht zugestimmt, nicht angemeldet, kein kontakt, keine werbung, keine einwilligung, dado de baja, dada
		de baja, darse de baja, de baja, no suscrito, no contactar, désinscrit, désinscrite, désabonné, désabonnée, ne pas
		contacter, pas inscrit, descadastrado, descadastrada, desinscrito, desinscrita, não inscrito, disiscritto,
		disiscritta,
		non iscritto, non contattare, uitgeschreven, afgemeld, niet aangemeld, wypisany, wypisana, wypisano, brak zgody,
		abonelikten çıktı, abone değil, отписан, отписана, отписался, отписалась, не подписан, الغاء الاشتراك, ألغى الاشتراك,
		غير مشترك, berhenti berlangganan, 退订, 退訂, 已退订, 已退訂, 取消订阅, 配信停止, 수신거부, 수신 거부, avregistrerad, avmeldt,
		odhlášen, odhlášena, leiratkozott, dezabonat, απεγγραφή`
	otherOutWords = `unsubscribe, removed, denied, declined, refused, rejected, revoked, withdrawn, withdrew, objected, no
		consent, dnd, blocked, blacklist, suppressed, complained, spam, stop, stopped, stopall, cancelled, canceled,
		abmeldung,
		gekündigt, widerspruch, abgelehnt, gesperrt, baja, cancelado, cancelada, anulado, rechazado, rechazada, revocado,
		bloqueado, bloqueada, refusé, refusée, refus, retiré, opposé, opposition, bloqué, recusado, recusada, revogado, saiu,
		cancellato, cancellata, annullato, revocato, rifiutato, negato, bloccato, opgezegd, geweigerd, ingetrokken,
		geblokkeerd,
		odmowa, rezygnacja, zrezygnował, zrezygnowała, zablokowany, iptal, iptal edildi, reddedildi, reddetti, engellendi,
		engelli, отказ, отказался, отказалась, заблокирован, отозвано, ملغى, ملغي, الغاء, رفض, مرفوض, محظور, غير موافق,
		הוסר, מוסר,
		ביטל, חסום, סירב, לא מאשר, रद्द, अवरुद्ध, बंद, ditolak, diblokir, berhenti, 不同意, 拒绝, 拒絕, 黑名单, 解除, 解除済み, 拒否,
		停止, 거부, 해지, peruttu`
	unsaidWords = `opted_in_sandbox, none, unknown, unbekannt, keine angabe, k.a., n/a, null, nil, undefined, pending,
		?, -, –,
		not known, no data, sin datos, desconocido, inconnu, sconosciuto, desconhecido, onbekend, nieznane,
		bilinmiyor, неизвестно, غير معروف, 未知, 不明`
)

var consentWords = newConsentWords()

// consentTables are the words by their meaning. Those of out count in a column about consent, like the opt-out
// keywords; those of surelyOut count in any column.
type consentTables struct{ yes, no, in, out, surelyOut, unsaid map[string]bool }

func newConsentWords() consentTables {
	t := consentTables{
		yes:       cellSet(yesWords),
		no:        cellSet(noWords),
		in:        cellSet(optedInWords),
		out:       cellSet(optedOutWords + ", " + otherOutWords),
		surelyOut: cellSet(optedOutWords),
		unsaid:    cellSet(unsaidWords),
	}
	for _, w := range DefaultKeywords().Words[StopKeyword] {
		t.out[cell(w)] = true
	}
	return t
}

func cellSet(text string) map[string]bool {
	out := map[string]bool{}
	for s := range strings.SplitSeq(text, ",") {
		out[cell(s)] = true
	}
	return out
}

// cell is a cell's text as it is compared. Single signs (✓) are kept.
func cell(s string) string {
	if w := squeeze(s); w != "" {
		return w
	}
	return strings.TrimSpace(strings.ReplaceAll(s, "\ufe0f", ""))
}

// YesOrNo reads yes or no in many languages. ok is false for every other text.
func YesOrNo(text string) (yes, ok bool) {
	w := cell(text)
	return consentWords.yes[w], consentWords.yes[w] || consentWords.no[w]
}

// ReadConsent reads what a file's column about consent says: opted in, opted out, or, for an empty or unknown one,
// nothing (ConsentNone). ok is false for a text that is neither yes nor no: it is never taken as yes.
func ReadConsent(text string) (c whatsapp.Consent, ok bool) {
	if len(text) > maxKeywordBytes {
		return whatsapp.ConsentNone, false
	}
	w := cell(text)
	switch {
	case w == "" || consentWords.unsaid[w]:
		return whatsapp.ConsentNone, true
	case consentWords.no[w] || consentWords.out[w]:
		return whatsapp.OptedOut, true
	case consentWords.yes[w] || consentWords.in[w]:
		return whatsapp.OptedIn, true
	}
	if w = cell(firstWords(text)); consentWords.no[w] || consentWords.out[w] {
		return whatsapp.OptedOut, true
	}
	return whatsapp.ConsentNone, false
}

// SaysConsent reports whether a text says by itself, not as the answer to a question, that a person opted in or out:
// "unsubscribed", "Abgemeldet am 1.5.", but not "no".
func SaysConsent(text string) (c whatsapp.Consent, ok bool) {
	if len(text) > maxKeywordBytes {
		return whatsapp.ConsentNone, false
	}
	w := cell(text)
	switch {
	case w == "":
		return whatsapp.ConsentNone, false
	case consentWords.surelyOut[w] || consentWords.surelyOut[cell(firstWords(text))]:
		return whatsapp.OptedOut, true
	case consentWords.in[w]:
		return whatsapp.OptedIn, true
	}
	return whatsapp.ConsentNone, false
}

// firstWords is a cell's text before a date, a bracket or a comma: "unsubscribed on 2026-03-01", "no (by phone)".
func firstWords(text string) string {
	text, _, _ = strings.Cut(text, "(")
	if i := strings.IndexAny(text, ",;:[/"); i >= 0 {
		text = text[:i]
	}
	words := strings.Fields(text)
	dated := slices.IndexFunc(words, func(w string) bool { return strings.IndexFunc(w, unicode.IsDigit) >= 0 })
	if dated > 0 {
		words = words[:dated]
	}
	for len(words) > 1 && slices.Contains(beforeDates, strings.ToLower(words[len(words)-1])) {
		words = words[:len(words)-1]
	}
	return strings.Join(words, " ")
}

// beforeDates are the words that stand before a date or a reason.
var beforeDates = []string{
	"on",
	"at",
	"since",
	"by",
	"via",
	"am",
	"seit",
	"per",
	"zum",
	"le",
	"el",
	"desde",
	"il",
	"dal",
	"em",
	"op",
	"sinds",
	"с",
	"od",
	"-",
	"–",
}
