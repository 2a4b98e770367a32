package intent

// The phrases by which people ask for no more messages, in plain words. They are compared folded (see plaintext.Fold),
// word by word and without apostrophes; a comma ends each. Chinese, Japanese and Korean phrases are found anywhere in a
// text.

// noMore are phrases that already contain their negation.
var noMore = map[string]string{
	"en": `no more messages, no more texts, no more notifications, no more whatsapps, no more reminders, no more
		updates, no more spam, no more ads, no more promotions, no more of these, no more of this, no longer wish to
		receive, no longer want to receive, dont want to receive, do not want to receive, dont wish to receive, dont
		want these, dont want your messages, dont want any messages, dont want any more, dont want more messages,
		dont want to hear from you, do not want to hear from you, dont message me, do not message me, dont text me,
		do not text me, dont contact me, do not contact me, dont whatsapp me, do not write me, dont write me, dont
		write to me, dont spam me, dont bother me, dont send me anything, dont send me any, dont send me messages,
		dont send me these, dont send me this, dont send me more messages, do not send me anything, do not send me
		any, do not send me messages, do not send me these, dont send any more, do not send any more, never message
		me, never text me, never contact me, never write me, never signed up, didnt sign up, did not sign up, never
		subscribed, never opted in, did not opt in, leave me alone, said stop, stop it now, i want out, st0p, 5top,
		stoppp, not interested in these messages, not interested in your messages`,
	"de": `keine nachrichten mehr, keine weiteren nachrichten, keine werbung mehr, keine werbung, keine
		benachrichtigungen mehr, keine mitteilungen mehr, keine erinnerungen mehr, keine whatsapp mehr, keine
		whatsapps mehr, keine infos mehr, nicht mehr schreiben, nicht mehr anschreiben, nicht mehr kontaktieren,
		nicht mehr benachrichtigen, nicht mehr belastigen, nichts mehr schicken, nichts mehr senden, nichts mehr
		bekommen, nichts mehr erhalten, mir nicht mehr, mir nichts mehr, mir keine, mich nicht mehr, lasst mich in
		ruhe, lass mich in ruhe, lassen sie mich in ruhe, kein interesse mehr, will keine nachrichten, mochte keine
		nachrichten, nie angemeldet, nie zugestimmt`,
	"es": `no me escriban, no me escriba, no me escribas, no me manden, no me mande mas, no me mandes mas, no me
		envien, no me envie mas, no me envies mas, no me contacten, no me contacte, no me molesten, no me moleste,
		no quiero recibir, no quiero mas mensajes, no quiero mensajes, no quiero sus mensajes, no deseo recibir, no
		mas mensajes, no molesten, ya no quiero recibir, no enviar mas, no mandar mas, basta de mensajes, dejenme en
		paz, dejame en paz, nunca me suscribi`,
	"fr": `ne menvoyez plus, ne mecrivez plus, ne me contactez plus, ne me derangez plus, ne menvoie plus, ne
		mecris plus, nenvoyez plus, ne plus recevoir, ne veux plus recevoir, ne souhaite plus, ne veux plus de
		messages, plus de messages, plus aucun message, plus de notifications, plus de publicite, plus de pub,
		laissez moi tranquille, fichez moi la paix, stop pub, stop aux messages, jamais inscrit, jamais inscrite`,
	"pt": `nao quero receber, nao quero mais, nao desejo receber, nao me mande, nao me mandem, nao me envie, nao
		me enviem, nao me escreva, nao me escrevam, nao enviem mais, nao envie mais, nao mandem mais, nao mande
		mais, nao me contate, nao me contatem, sem mais mensagens, chega de mensagens, chega de mensagem, me deixa
		em paz, me deixem em paz, nunca me inscrevi, nao tenho interesse em receber`,
	"it": `non voglio ricevere, non voglio piu, non desidero ricevere, non desidero piu, non mandatemi, non
		mandarmi, non inviatemi, non inviarmi, non scrivetemi, non scrivermi, non contattatemi, non contattarmi, non
		disturbatemi, basta messaggi, niente piu messaggi, lasciatemi in pace, lasciami in pace, mai iscritto, mai
		iscritta`,
	"nl": `geen berichten meer, geen meldingen meer, geen reclame, geen berichten, stuur me geen, stuur mij
		geen, stuur geen berichten, niet meer appen, niet meer berichten, niet meer sturen, niet meer ontvangen,
		niet meer contacteren, laat me met rust, laat mij met rust, nooit aangemeld`,
	"tr": `mesaj atmayin, mesaj atma, mesaj gondermeyin, mesaj gonderme, mesaj istemiyorum, mesaj almak
		istemiyorum, mesajlarinizi istemiyorum, bana yazmayin, artik yazmayin, rahatsiz etmeyin, reklam istemiyorum,
		reklam atmayin, bildirim istemiyorum`,
	"pl": `nie piszcie, nie pisz do mnie, nie pisz wiecej, nie wysylajcie, nie wysylaj, nie chce otrzymywac, nie
		chce dostawac, nie chce wiadomosci, nie chce wiecej, nie kontaktujcie, koniec wiadomosci, dajcie mi spokoj`,
	"ru": `не пишите, не пиши, не присылайте, не присылай, не шлите, не отправляйте, не беспокойте, не хочу
		получать, не надо сообщений, не надо писать, больше не пишите, больше не надо, хватит слать, хватит писать,
		хватит присылать, оставьте меня`,
	"ar": `لا ترسل, لا ترسلوا, لا ترسلون, لا تراسلني, لا تراسلوني, لا اريد رسائل, لا اريد رسائلكم, لا اريد
		استلام, لا اريد استقبال, لا اريد المزيد, لا ارغب, لا تتواصل معي, لا تتواصلوا معي, لا تزعجوني, لا تزعجني, ما
		ابغى رسائل, ما ابي رسائل, مش عايز رسائل, كفى رسائل, بدون رسائل`,
	"he": `אל תשלחו, אל תשלח, אל תכתבו, לא רוצה לקבל, לא מעוניין לקבל, לא מעוניינת לקבל, די להודעות`,
	"hi": `मैसेज मत, संदेश मत, मैसेज नहीं चाहिए, संदेश नहीं चाहिए, मैसेज न भेजें, संदेश न भेजें, मत भेजो, मत
		भेजिए, मत भेजें, message mat, msg mat, mat bhejo, message nahi chahiye, message na bheje, message band`,
	"id": `jangan kirim, jangan hubungi, jangan wa, jangan chat, tidak mau menerima, tidak ingin menerima, gak
		mau terima`,
	"zh": `不要再发, 不要再發, 别再发, 別再發, 别发了, 不要发, 不想再收到, 不想收到, 不再接收, 勿扰, 别打扰`,
	"ja": `送らないで, 送ってこないで, 連絡しないで, 配信を止め, 配信をやめ, いりません通知, メッセージはいりません, メッセージ不要`,
	"ko": `그만 보내, 보내지 마, 보내지마, 수신 거부, 수신거부, 연락하지 마`,
}

// asksOut are phrases by which people ask to be removed; after "don't" they mean the opposite.
var asksOut = map[string]string{
	"en": `remove me, remove my number, take me off, take my number off, delete my number, delete me from,
		delete me, lose my number, opt me out, opting out, opt out, unsubscribe, unsubscribed, unsubscribing,
		unsubscribe me, unsuscribe, unsubcribe, unsubscibe, unsubscrib, unsubscribe, unsub, stop messaging, stop
		texting, stop sending, stop contacting, stop spamming, stop writing, stop bothering, stop whatsapping, stop
		harassing, stop notifying, stop all messages, quit messaging, quit texting, quit sending, quit spamming,
		cancel my subscription, cancel subscription, end my subscription, get me off, block you`,
	"de": `melde mich ab, meldet mich ab, melden sie mich ab, meldet mich bitte ab, melden sie mich bitte ab,
		meld mich ab, mich abmelden, abmelden, abmeldung, abbestellen, bestelle ab, nehmt mich aus, nehmen sie mich
		aus, nimm mich aus, nehmen sie mich von, nehmt mich von, nimm mich von, aus dem verteiler, vom verteiler,
		von der liste, von ihrer liste, von eurer liste, losche meine nummer, loschen sie meine nummer, loscht meine
		nummer, nummer loschen, austragen lassen, tragt mich aus, tragen sie mich aus, einwilligung widerrufen,
		widerrufe meine einwilligung, abo kundigen, newsletter kundigen`,
	"es": `darme de baja, denme de baja, deme de baja, dame de baja, dar de baja, quiero la baja, solicito la
		baja, eliminenme, elimineme, eliminame, borrenme, borreme, borrame, borren mi numero, borre mi numero,
		eliminen mi numero, elimine mi numero, quitenme, quiteme, quitame, saquenme, saqueme, sacame de,
		desuscribirme, desuscribanme, cancelar suscripcion, cancelar mi suscripcion, cancelar la suscripcion, anular
		suscripcion, dejen de, deje de enviar, deje de mandar, deje de escribir, deja de enviar, deja de mandar,
		deja de escribir, paren de`,
	"fr": `me desinscrire, se desinscrire, desinscrivez moi, desinscription, me desabonner, desabonnez moi,
		desabonnement, supprimez mon numero, effacez mon numero, retirez moi, enlevez moi, supprimez moi, arretez de
		menvoyer, arretez de mecrire, arretez denvoyer, arretez decrire, arretez de me, arrete de menvoyer, arretez
		les messages, arreter les messages, cessez de`,
	"pt": `me tire da lista, me tira da lista, me tirem da lista, tire meu numero, retire meu numero, me remova,
		me remove, me removam, remova meu numero, me descadastre, descadastrar, me exclua, exclua meu numero, sair
		da lista, sair do grupo de mensagens, cancelar inscricao, cancelar minha inscricao, cancelar assinatura,
		pare de enviar, pare de mandar, pare de me, parem de enviar, parem de mandar, parem de me, apague meu
		numero, me bloqueie`,
	"it": `cancellatemi, cancellami, rimuovetemi, rimuovimi, toglietemi, toglimi, disiscrivetemi, disiscrivermi,
		disiscrivimi, disiscrizione, annulla iscrizione, annullare iscrizione, annullare liscrizione, cancellare
		iscrizione, cancellate il mio numero, cancella il mio numero, smettete di, smettetela di, smettila di,
		smetti di mandarmi, smetti di scrivermi`,
	"nl": `meld me af, meld mij af, me afmelden, mij afmelden, afmelden, schrijf me uit, schrijf mij uit,
		uitschrijven, haal me van, haal mij van, verwijder me, verwijder mij, verwijder mijn nummer, stop met
		sturen, stop met appen, stop met berichten, stop met die, stop met deze, abonnement opzeggen`,
	"tr": `beni listeden, listeden cikar, listeden cikarin, listenizden cikar, listenizden cikarin, aboneligi
		iptal, aboneligimi iptal, abonelikten cik, abonelikten cikmak, uyeligimi iptal, numarami silin, numarami
		sil, mesajlari durdur, mesajlari durdurun, mesaj atmayi birak, mesaj atmayi birakin, uyelikten cikmak`,
	"pl": `wypiszcie mnie, wypisz mnie, prosze o wypisanie, wypisanie z listy, usuncie mnie, usun mnie, usuncie
		moj numer, usun moj numer, przestancie pisac, przestancie wysylac, przestan pisac, przestan wysylac,
		rezygnuje z, anuluj subskrypcje, cofam zgode`,
	"ru": `отпишите меня, отписаться, отписать меня, удалите меня, удалите мой номер, уберите меня, исключите
		меня, отключите рассылку, отключить рассылку, отмените подписку, отменить подписку, перестаньте писать,
		перестаньте присылать, перестаньте слать, прекратите писать, прекратите присылать, прекратите рассылку,
		прекратите слать`,
	"ar": `توقفوا عن, توقف عن ارسال, توقف عن الارسال, اوقفوا الرسائل, اوقف الرسائل, ايقاف الرسائل, وقفوا
		الرسائل, ازالتي من, احذفوا رقمي, احذف رقمي, امسح رقمي, امسحوا رقمي, احذفوني, احذفني, الغاء الاشتراك, الغي
		الاشتراك, الغاء اشتراكي, الغوا اشتراكي, شيلوا رقمي`,
	"he": `תסירו אותי, הסירו אותי, תסיר אותי, להסיר אותי, תורידו אותי, תפסיקו לשלוח, הפסיקו לשלוח, תפסיק לשלוח,
		תמחקו את המספר`,
	"hi": `मैसेज बंद, संदेश बंद, मैसेज भेजना बंद, संदेश भेजना बंद, मेरा नंबर हटा, मेरा नंबर हटाओ, मेरा नंबर
		हटाएं, मुझे हटा, मुझे हटाएं, मुझे हटाओ, सदस्यता रद्द, mera number hatao, mera number hata, mera number
		delete`,
	"id": `berhenti kirim, berhenti mengirim, stop kirim, stop wa, hapus nomor saya, keluarkan saya, berhenti
		langganan, berhenti berlangganan`,
	"zh": `取消订阅, 取消訂閱, 退订, 退訂, 删除我的号码, 刪除我的號碼, 停止发送, 停止發送`,
	"ja": `配信停止, 登録解除, 登録を解除, 購読解除, 番号を削除`,
	"ko": `구독 취소, 구독취소, 구독 해지, 번호 삭제`,
}

// negations before a phrase of asksOut, or an opt-out word, turn it into its opposite.
var negations = map[string]string{
	"en": "dont, not, never, didnt, doesnt, wont, wouldnt, shouldnt, havent, isnt",
	"de": "nicht, kein, keine, nie, niemals, ohne",
	"es": "no, nunca, jamas, sin",
	"fr": "ne, pas, jamais, sans",
	"pt": "nao, nunca, jamais, sem",
	"it": "non, mai, senza",
	"nl": "niet, nooit, geen",
	"pl": "nie, nigdy",
	"ru": "не, никогда",
	"ar": "لا, لم, لن, ما",
	"he": "לא, אל",
	"id": "jangan, tidak",
	"hi": "मत, नहीं, mat, nahi",
	"tr": "asla, sakin",
}

// helpless are negations that don't reverse an opt-out phrase: "I can't unsubscribe" asks for it.
const helpless = `cant, cannot, couldnt, can, kann, konnte, konnen, puedo, pude, podemos, narrive, peux,
	parviens, consigo, consegui, riesco, kan, могу, moge`

// messageWords are words for messages: near one of them, an ambiguous word (stop, cancel) is about messages.
const messageWords = `messages, message, msgs, msg, texts, texting, sms, whatsapp, whatsapps, sending,
	messaging, notifications, notification, reminders, updates, alerts, spam, spamming, ads, promotions,
	promotion, promos, marketing, newsletter, newsletters, subscription, subscriptions, contacting, bothering,
	nachricht, nachrichten, werbung, benachrichtigungen, mitteilungen, erinnerungen, abo, verteiler,
	anzuschreiben, schreiben, schicken, mensajes, mensaje, notificaciones, avisos, publicidad, promociones,
	suscripcion, recordatorios, publicite, pub, abonnement, rappels, mensagens, mensagem, notificacoes,
	promocoes, propaganda, inscricao, lembretes, messaggi, messaggio, notifiche, promozioni, pubblicita,
	iscrizione, berichten, meldingen, reclame, notificaties, mesaj, mesajlar, mesajlari, mesajlarinizi,
	bildirim, bildirimler, bildirimleri, reklam, reklamlari, aboneligi, aboneligimi, сообщения, сообщений,
	рассылку, рассылка, уведомления, рекламу, смс, wiadomosci, powiadomienia, reklamy, رسائل, الرسائل, رسايل,
	الاشعارات, اشعارات, الاعلانات, الاشتراك, اشتراك, اشتراكي, मैसेज, संदेश, विज्ञापन, pesan, notifikasi,
	promosi, הודעות, ההודעות, 消息, 短信, 訊息, 簡訊, 通知, 推送, 广告, 廣告, 信息, 订阅, 訂閱, メッセージ, 配信, 登録, 広告, 메시지, 알림, 광고, 문자`

// ordinaryStops are opt-out words with other meanings: "cancel" is about an appointment more often. A message that
// consists of one is still an opt-out; within a sentence they count only near a message word or almost alone.
const ordinaryStops = `stop, end, quit, cancel, revoke, stopall, alto, parar, baja, cancelar, detener, pare,
	sair, remover, stopp, beenden, austragen, arret, arreter, arretez, ferma, annulla, basta, disattiva,
	stoppen, zatrzymaj, wypisz, rezygnuje, dur, durdur, iptal, стоп, توقف, إيقاف, قف, إلغاء, עצור, הפסק, הסר,
	रोकें, बंद, बंद करो, berhenti, keluar, 停止, 取消, 解除, hor auf, hort auf, horen sie auf, aufhoren, arrete,
	parem, paren, smettila, smettetela`

// verbLast are the languages in which the object comes before the verb.
const verbLast = "de, nl, tr, hi"

// fillers have no meaning of their own, so that "can you please stop now" is as short as "stop".
const fillers = `please, pls, plz, ok, okay, hi, hello, hey, thanks, thank, you, can, could, would, will, just,
	now, it, this, that, i, to, want, need, wanna, immediately, already, me, all, bitte, jetzt, sofort, danke,
	hallo, mal, alles, por, favor, ya, gracias, hola, ahora, todo, sil, vous, plait, merci, svp, stp,
	maintenant, agora, obrigado, per, favore, grazie, subito, adesso, alstublieft, aub, nu, lutfen, artik,
	пожалуйста, prosze, من, فضلك, رجاء, कृपया, tolong, בבקשה, 请, 請`

// ordinaryAfter are words after an opt-out word that show that it is about something else.
const ordinaryAfter = `of, by, at, in, over, off, sign, light, watch, here, there, appointment, appointments,
	order, booking, reservation, meeting, laughing, smoking, termin, bestellung, cita, pedido, reserva, rendez,
	commande, consulta, appuntamento, ordine, afspraak, randevu, randevumu, siparisimi`

// takesBack ends the reach of a negation: "I don't want this, please unsubscribe me".
const takesBack = `please, pls, plz, bitte, and, but, so, und, aber, sondern, y, pero, et, mais, mas, por,
	favor, sil, però, ma, maar, en, lutfen, но, а, и, prosze, رجاء, कृपया`
