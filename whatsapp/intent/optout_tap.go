package intent

import (
	"maps"
	"slices"
	"strings"

	"parley/whatsapp/plaintext"
)

// optOutTitles are the titles of opt-out buttons, besides the phrases that people write: WhatsApp's own marketing
// opt-out ("Stop promotions") and variants of it that senders use. Source: Meta, "Marketing templates", opt-out button;
// the translations are those that senders use; WhatsApp publishes none.
const optOutTitles = `stop promotions, stop promotion, stop promos, stop marketing, stop marketing messages,
	stop promotional messages, stop offers, stop messages, stop all messages, stop these messages, stop
	notifications, stop updates, stop reminders, stop alerts, stop receiving, stop receiving messages, stop ads,
	stop whatsapp, opt out of messages, opt me out, no more messages, no more promotions, unsubscribe me,
	unsubscribe now, unsubscribe from all, werbeaktionen stoppen, werbung stoppen, werbung beenden, aktionen
	stoppen, werbung abbestellen, nachrichten stoppen, nachrichten abbestellen, newsletter abbestellen,
	benachrichtigungen stoppen, benachrichtigungen abbestellen, angebote stoppen, angebote abbestellen, jetzt
	abmelden, mich abmelden, vom newsletter abmelden, keine nachrichten mehr, interrompre les promotions,
	arreter les promotions, stopper les promotions, desactiver les promotions, arreter les messages, stopper les
	messages, se desinscrire, me desinscrire, desinscription, se desabonner, me desabonner, desabonnement, stop
	pub, detener promociones, parar promociones, detener mensajes, parar mensajes, no mas mensajes, cancelar
	suscripcion, anular suscripcion, cancelar la suscripcion, darme de baja, darse de baja, dar de baja,
	desuscribirme, desuscribirse, interromper promocoes, parar promocoes, parar mensagens, cancelar inscricao,
	cancelar assinatura, descadastrar, descadastrar se, nao receber mais, nao quero receber, sair da lista,
	interrompi promozioni, interrompi le promozioni, ferma promozioni, blocca promozioni, stop promozioni,
	annulla iscrizione, annulla liscrizione, disiscriviti, disiscrivimi, cancella iscrizione, cancellami, non
	ricevere piu, promoties stoppen, stop promoties, stop berichten, berichten stoppen, afmelden, uitschrijven,
	meld me af, geen berichten meer, promosyonlari durdur, mesajlari durdur, abonelikten cik, aboneligi iptal
	et, abonelikten ayril, uyelikten cik, остановить рассылку, отключить рассылку, отключить рекламу,
	отписаться, отписаться от рассылки, не получать рекламу, zatrzymaj promocje, zrezygnuj z promocji, wypisz
	mnie, anuluj subskrypcje, zrezygnuj z subskrypcji, إيقاف العروض الترويجية, إيقاف العروض, إيقاف الرسائل,
	إلغاء الاشتراك, الغاء الاشتراك, إيقاف الإعلانات, הפסק מבצעים, הפסקת מבצעים, הסרה מרשימת התפוצה, הסר אותי,
	הסירו אותי, प्रमोशन बंद करें, प्रमोशन रोकें, मैसेज बंद करें, सदस्यता रद्द करें, अनसब्सक्राइब, अनसब्सक्राइब
	करें, hentikan promosi, hentikan pesan, berhenti berlangganan, berhenti langganan, 停止促销, 停止推广, 停止促銷, 停止接收,
	取消订阅, 取消訂閱, 退订, 退訂, プロモーションを停止, 配信停止, 配信を停止, 登録解除, 프로모션 중지, 수신 거부, 구독 취소`

// answers are opt-out words that, on a button, answer the question above it: "Cancel" an appointment, "Baja" a
// priority. Developers give their buttons the same words as ids.
const answers = `cancel, end, quit, cancelar, annulla, iptal, إلغاء, 取消, beenden, sair, keluar, rezygnuję,
	remover, 解除, disattiva, alto, baja, basta, הסר, बंद, wypisz`

var (
	tapTitles  = newTapTitles()
	tapAnswers = squeezedSet(answers)
)

// newTapTitles are the titles and every phrase that people write for the same.
func newTapTitles() map[string]bool {
	texts := []string{optOutTitles}
	for _, table := range []map[string]string{noMore, asksOut} {
		texts = slices.AppendSeq(texts, maps.Values(table))
	}
	return squeezedSet(texts...)
}

func squeezedSet(texts ...string) map[string]bool {
	out := map[string]bool{}
	for _, text := range texts {
		for _, w := range listOf(text) {
			out[squeeze(w)] = true
		}
	}
	return out
}

// OfTap reads a tap on a button or on a list's item as a keyword, by its title and its id. It is an opt-out if either
// is an opt-out word, or the title an opt-out phrase ("Stop promotions"). A button that says Yes, Cancel or Help
// answers the question above it, an appointment perhaps, and says nothing about consent.
func (k Keywords) OfTap(title, id string) Keyword {
	id, _, _ = strings.Cut(id, ":") // "STOP:campaign-7"
	if k.tapStops(title) || k.tapStops(id) {
		return StopKeyword
	}
	switch plaintext.Normalize(title) {
	case "start", "unstop":
		return StartKeyword
	}
	return NoKeyword
}

func (k Keywords) tapStops(text string) bool {
	if len(text) > maxKeywordBytes {
		return false
	}
	w := squeeze(text)
	if w == "" || tapAnswers[w] {
		return false
	}
	same := func(s string) bool { return squeezed(s) == w }
	return tapTitles[w] || slices.ContainsFunc(TwilioWords[StopKeyword], same) ||
		slices.ContainsFunc(k.Words[StopKeyword], same)
}

// TapMentions reports whether the title of a tap that is not an opt-out still asks for no more messages: "Please
// unsubscribe me from everything".
func (k Keywords) TapMentions(title, id string) bool {
	return k.OfTap(title, id) == NoKeyword && k.asks(title, false)
}
