//! What every provider must hold to, whatever it speaks: the same checks, from both ends, on each of them.
//!
//! A new provider adds a file with its [`suite::OtherSide`] and one `conforms!` line.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod demo;
mod mail;
mod mirror;
mod page_side;
mod ringcentral_side;
mod suite;
#[path = "../support/mod.rs"]
mod support;
mod telegram_side;
mod twilio_side;
mod whatsapp_side;

use frontdesk::model::Channel;

/// One test per check; `$make` gives the other side, or `None` where this run leaves it out.
macro_rules! conforms {
    ($name:ident, $make:expr, [$($check:ident),* $(,)?]) => {
        mod $name {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $check() {
                    if let Some(side) = $make {
                        suite::$check(&side).await;
                    }
                }
            )*
        }
    };
    ($name:ident, $make:expr) => {
        conforms!($name, $make, [
            what_it_can_do_makes_sense,
            the_first_read_ends_and_a_second_brings_nothing,
            reading_from_one_place_twice_gives_the_same,
            everything_that_is_there_is_in_the_mirror,
            news_comes_by_itself_and_is_one_row,
            an_answer_arrives_once_and_is_one_row,
            what_was_sent_is_never_called_absent,
            flags_can_be_told_or_it_says_that_they_cannot,
            reading_back_ends_and_brings_nothing_twice,
            a_probe_of_what_works_says_so,
            references_are_unique,
        ]);
    };
}

conforms!(demo_email, Some(demo::DemoSide::new(Channel::Email)));
conforms!(demo_sms, Some(demo::DemoSide::new(Channel::Sms)));
conforms!(demo_whatsapp, Some(demo::DemoSide::new(Channel::Whatsapp)));
conforms!(demo_telegram, Some(demo::DemoSide::new(Channel::Telegram)));
conforms!(email, mail::MailSide::new(support::servers::Imap::Full));
conforms!(
    email_condstore,
    mail::MailSide::new(support::servers::Imap::Condstore)
);
conforms!(
    email_lean,
    mail::MailSide::new(support::servers::Imap::Lean)
);
conforms!(messenger, Some(page_side::PageSide::messenger()));
conforms!(instagram, Some(page_side::PageSide::instagram()));
conforms!(
    whatsapp,
    Some(whatsapp_side::WhatsappSide::new()),
    [
        // Meta posts and keeps nothing to ask for: there is nothing to list and nothing to read back.
        what_it_can_do_makes_sense,
        the_first_read_ends_and_a_second_brings_nothing,
        reading_from_one_place_twice_gives_the_same,
        news_comes_by_itself_and_is_one_row,
        an_answer_arrives_once_and_is_one_row,
        what_was_sent_is_never_called_absent,
        flags_can_be_told_or_it_says_that_they_cannot,
        a_probe_of_what_works_says_so,
        references_are_unique,
    ]
);
conforms!(
    telegram,
    Some(telegram_side::TelegramSide::new()),
    [
        // It keeps no history: there is nothing to list and nothing to read back.
        what_it_can_do_makes_sense,
        the_first_read_ends_and_a_second_brings_nothing,
        reading_from_one_place_twice_gives_the_same,
        news_comes_by_itself_and_is_one_row,
        an_answer_arrives_once_and_is_one_row,
        what_was_sent_is_never_called_absent,
        flags_can_be_told_or_it_says_that_they_cannot,
        a_probe_of_what_works_says_so,
        references_are_unique,
    ]
);
conforms!(twilio_sms, Some(twilio_side::TwilioSide::sms()));
conforms!(twilio_whatsapp, Some(twilio_side::TwilioSide::whatsapp()));
conforms!(ringcentral, Some(ringcentral_side::RingcentralSide::new()));
