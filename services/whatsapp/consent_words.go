package whatsapp

import (
	"slices"
	"strings"
	"unicode"
)

// The words by which files say yes and no, and opted in and opted out, compared folded and without what stands
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
	optedOutWords = `opted out, opt out, optout, opting out, unsubscribed, unsubscribe, unsub, unsuscribed,
		unsubscribed user, globally unsubscribed, not subscribed, removed, denied, declined, refused, rejected,
		revoked, withdrawn, withdrew, objected, no consent, consent withdrawn, consent revoked, not opted in, do not
		contact, dont contact, do not message, do not send, dnc, dnd, do not disturb, blocked, blacklisted,
		blacklist, blocklisted, suppressed, complained, spam, stop, stopped, stopall, cancelled, canceled,
		abgemeldet, abmeldung, abbestellt, ausgetragen, gekündigt, widerrufen, widerspruch, widersprochen,
		abgelehnt, gesperrt, nicht zugestimmt, nicht angemeldet, kein kontakt, keine werbung, keine einwilligung,
		baja, de baja, dado de baja, dada de baja, darse de baja, cancelado, cancelada, anulado, rechazado,
		rechazada, revocado, bloqueado, bloqueada, no suscrito, no contactar, désinscrit, désinscrite, désabonné,
		désabonnée, désabonner, désinscrire, refusé, refusée, refus, retiré, opposé, opposition, bloqué, ne pas
		contacter, pas inscrit, descadastrado, descadastrada, desinscrito, desinscrita, recusado, recusada,
		revogado, saiu, não inscrito, disiscritto, disiscritta, cancellato, cancellata, annullato, revocato,
		rifiutato, negato, bloccato, non iscritto, non contattare, uitgeschreven, afgemeld, opgezegd, geweigerd,
		ingetrokken, geblokkeerd, niet aangemeld, wypisany, wypisana, wypisano, odmowa, rezygnacja, zrezygnował,
		zrezygnowała, brak zgody, zablokowany, iptal, iptal edildi, abonelikten çıktı, abone değil, reddedildi,
		reddetti, engellendi, engelli, отписан, отписана, отписался, отписалась, отказ, отказался, отказалась, не
		подписан, заблокирован, отозвано, ملغى, ملغي, الغاء, ألغى الاشتراك, الغاء الاشتراك, رفض, مرفوض, محظور, غير
		مشترك, غير موافق, הוסר, מוסר, ביטל, חסום, סירב, לא מאשר, रद्द, अवरुद्ध, बंद, ditolak, diblokir, berhenti,
		berhenti berlangganan, 退订, 退訂, 已退订, 已退訂, 取消订阅, 不同意, 拒绝, 拒絕, 黑名单, 解除, 解除済み, 配信停止, 拒否, 停止, 수신거부, 수신 거부, 거부,
		해지, avregistrert, avmeldt, avregistrerad, afmeldt, peruttu, odhlášen, odhlášena, leiratkozott, dezabonat,
		απεγγραφή`
	unsaidWords = `none, unknown, unbekannt, keine angabe, k.a., n/a, null, nil, undefined, pending, ?, -, –,
		not known, no data, sin datos, desconocido, inconnu, sconosciuto, desconhecido, onbekend, nieznane,
		bilinmiyor, неизвестно, غير معروف, 未知, 不明`
)

var consentWords = newConsentWords()

// consentTables are the words by what they say.
type consentTables struct{ yes, no, in, out, unsaid map[string]bool }

func newConsentWords() consentTables {
	return consentTables{
		yes:    cellSet(yesWords),
		no:     cellSet(noWords),
		in:     cellSet(optedInWords),
		out:    cellSet(optedOutWords),
		unsaid: cellSet(unsaidWords),
	}
}

func cellSet(text string) map[string]bool {
	out := map[string]bool{}
	for s := range strings.SplitSeq(text, ",") {
		out[cell(s)] = true
	}
	return out
}

// cell is a cell as its words are compared. Signs that stand alone (✓) are kept.
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
func ReadConsent(text string) (c Consent, ok bool) {
	w := cell(text)
	switch {
	case w == "" || consentWords.unsaid[w]:
		return ConsentNone, true
	case consentWords.no[w] || SaysOptedOut(text):
		return OptedOut, true
	case consentWords.yes[w] || consentWords.in[w]:
		return OptedIn, true
	case consentWords.no[cell(firstWords(text))]:
		return OptedOut, true
	}
	return ConsentNone, false
}

// SaysOptedOut reports whether a text says by itself, and not as the answer to a question, that somebody opted out:
// "unsubscribed", "Abgemeldet am 1.5.", but not "no".
func SaysOptedOut(text string) bool {
	if len(text) > maxKeywordBytes {
		return false
	}
	if consentWords.out[cell(text)] || defaultKeywords.Of(text) == StopKeyword {
		return true
	}
	return consentWords.out[cell(firstWords(text))]
}

var defaultKeywords = DefaultKeywords()

// firstWords is what a cell says before a date, a bracket or a comma: "unsubscribed on 2026-03-01", "no (by phone)".
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
var beforeDates = []string{"on", "at", "since", "by", "via", "am", "seit", "per", "zum", "le", "el", "desde", "il", "dal", "em",
	"op", "sinds", "с", "od", "-", "–"}
