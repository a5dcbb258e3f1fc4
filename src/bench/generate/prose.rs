//! Text that looks like what people write to a desk: common words of a language, most common first, and now and then
//! a word, a number or a name that hardly anybody else writes.

use super::dice::Dice;
use super::people::Tongue;

const ENGLISH: &str = "the to and I you it is for of that my a in have not with on we your be this was are but if can order me as do so will please when from would there been has just any thanks delivery account still get parcel refund address invoice day week yesterday today payment card charged twice box broken open return label send sent received number email phone customer help question about size colour lamp shelf chair screw missing part manual price discount code website page button error login password change cancel subscription monthly plan upgrade warranty repair replacement store hours delivery courier neighbour door waiting answer again sorry kind regards hello morning afternoon nothing works after update battery charger cable adapter screen photo attached picture shows damage corner wrong model black white blue instead expected quality happy disappointed quick";
const GERMAN: &str = "die und ich der das ist nicht es zu in Sie mit den auf für eine ein habe wir aber von mir noch im dem war bei haben wird auch wenn nur nach kann bitte danke Bestellung Lieferung Rechnung Adresse Paket Konto Rückerstattung gestern heute Woche Zahlung Karte doppelt abgebucht kaputt zurück schicken erhalten Nummer Frage Größe Farbe Lampe Regal Stuhl Schraube fehlt Anleitung Preis Rabatt Gutschein Fehler Passwort ändern kündigen Abo Garantie Ersatz Öffnungszeiten Bote Nachbar Tür warte Antwort leider freundliche Grüße Hallo Gerät Akku Ladegerät Kabel Bild Anhang Ecke falsch schwarz weiß blau statt schnell";
const FRENCH: &str = "de je la le et à vous pas que les est en un une pour ne il ce mon ma avec sur nous mais dans votre ai été plus si merci bonjour commande livraison facture adresse colis compte remboursement hier aujourd'hui semaine paiement carte deux fois cassé retour envoyer reçu numéro question taille couleur lampe étagère chaise vis manque notice prix remise erreur mot passe changer résilier abonnement garantie remplacement horaires voisin porte attends réponse désolé cordialement appareil batterie chargeur câble photo jointe coin noir blanc bleu";
const SPANISH: &str = "de la que el en y no a mi me un por una con es para lo se su pero he les está muy más gracias hola pedido entrega factura dirección paquete cuenta reembolso ayer hoy semana pago tarjeta dos veces roto devolver enviar recibido número pregunta talla color lámpara estante silla tornillo falta manual precio descuento error contraseña cambiar cancelar suscripción garantía reemplazo horario vecino puerta espero respuesta perdón saludos aparato batería cargador cable foto adjunta esquina negro blanco azul";
const RUSSIAN: &str = "не и я на что в с мне вы у но это за мой по как заказ пожалуйста спасибо здравствуйте доставка посылка счёт адрес деньги возврат вчера сегодня неделя оплата карта дважды сломан отправить получил номер вопрос размер цвет лампа полка стул винт нет инструкция цена скидка ошибка пароль изменить отменить подписка гарантия замена часы сосед дверь жду ответ извините уважением батарея зарядка кабель фото угол чёрный белый синий";
const ARABIC: &str = "من في على أن لا إلى هذا مع لم عن لكن أنا مرحبا شكرا طلب توصيل فاتورة عنوان طرد حساب استرداد أمس اليوم أسبوع دفع بطاقة مرتين مكسور إرجاع إرسال استلمت رقم سؤال مقاس لون مصباح رف كرسي برغي ناقص دليل سعر خصم خطأ كلمة السر تغيير إلغاء اشتراك ضمان بديل ساعات جار باب أنتظر جواب عفوا تحياتي جهاز بطارية شاحن كابل صورة زاوية أسود أبيض أزرق";
const CHINESE: &str = "的 我 了 你们 不 是 在 有 订单 快递 没有 收到 请 问 退款 发票 地址 包裹 账户 昨天 今天 星期 付款 银行卡 两次 坏了 退货 寄 号码 问题 尺寸 颜色 台灯 架子 椅子 螺丝 少 说明书 价格 折扣 错误 密码 修改 取消 订阅 保修 更换 营业时间 邻居 门 等 回复 抱歉 谢谢 您好 设备 电池 充电器 照片 角 黑色 白色 蓝色";
const JAPANESE: &str = "の は を が に です ます 注文 配送 届いて いません 返金 お願いします 請求書 住所 荷物 アカウント 昨日 今日 週間 支払い カード 二重 壊れて 返品 送って 受け取り 番号 質問 サイズ 色 ランプ 棚 椅子 ネジ 足りない 説明書 価格 割引 エラー パスワード 変更 解約 保証 交換 営業時間 隣人 ドア 待って 返事 すみません ありがとう こんにちは 電池 充電器 写真 角 黒 白 青";
const SYLLABLES: [&str; 20] = [
    "ka", "lo", "mer", "tis", "vo", "ran", "del", "su", "pri", "gon", "hal", "bi", "nor", "ex",
    "tum", "za", "quil", "fer", "wys", "ond",
];
const EMOJI: [&str; 12] = [
    "🙂",
    "👍",
    "🙏",
    "😡",
    "🎉",
    "📦",
    "💡",
    "❤️",
    "👩‍👩‍👧",
    "🇩🇪",
    "👍🏽",
    "😭",
];

impl Tongue {
    fn words(self) -> Vec<&'static str> {
        let words = match self {
            Self::English => ENGLISH,
            Self::German => GERMAN,
            Self::French => FRENCH,
            Self::Spanish => SPANISH,
            Self::Russian => RUSSIAN,
            Self::Arabic => ARABIC,
            Self::Chinese => CHINESE,
            Self::Japanese => JAPANESE,
        };
        words.split(' ').collect()
    }

    /// Between two words.
    fn gap(self) -> &'static str {
        if matches!(self, Self::Chinese | Self::Japanese) {
            ""
        } else {
            " "
        }
    }

    fn stop(self) -> &'static str {
        if matches!(self, Self::Chinese | Self::Japanese) {
            "。"
        } else {
            ". "
        }
    }
}

/// A word that few write: an order, a product, a name.
fn rare(dice: &mut Dice) -> String {
    match dice.below(4) {
        0 => format!("NW-{}", dice.between(100_000, 999_999)),
        1 => format!("{}", dice.between(10, 100_000)),
        _ => {
            let count = 2 + dice.below(3);
            (0..count)
                .filter_map(|_| dice.any(&SYLLABLES))
                .collect::<String>()
        }
    }
}

/// A few words without a stop.
fn words(dice: &mut Dice, tongue: Tongue, count: usize) -> String {
    let known = tongue.words();
    let mut out = String::new();
    for at in 0..count {
        if at > 0 {
            out.push_str(tongue.gap());
        }
        if dice.percent(7) {
            out.push_str(&rare(dice));
        } else {
            out.push_str(dice.often(&known).unwrap_or_default());
        }
    }
    out
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// A subject: what it is about, and a number.
pub fn subject(dice: &mut Dice, tongue: Tongue) -> String {
    let count = 2 + dice.below(5);
    let about = capital(&words(dice, tongue, count));
    format!("{about} NW-{}", dice.between(100_000, 9_999_999))
}

/// About `chars` characters in paragraphs.
pub fn text(dice: &mut Dice, tongue: Tongue, chars: usize) -> String {
    let mut out = String::with_capacity(chars * 2);
    let mut left = i64::try_from(chars).unwrap_or(i64::MAX);
    while left > 0 {
        let count = 4 + dice.below(12);
        let sentence = capital(&words(dice, tongue, count));
        left -= sentence.chars().count() as i64 + 2;
        out.push_str(&sentence);
        out.push_str(tongue.stop());
        if dice.percent(16) {
            out.push_str("\n\n");
            left -= 2;
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// A line of a chat.
pub fn line(dice: &mut Dice, tongue: Tongue) -> String {
    let chars = 15 + (40.0 * (dice.long_tail(20.0) - 0.9)) as usize;
    let mut out = text(dice, tongue, chars);
    if dice.percent(18) {
        out.push(' ');
        out.push_str(dice.any(&EMOJI).unwrap_or_default());
    }
    out
}
