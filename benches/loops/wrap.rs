//! Where lines break, and a conversation laid out; against unicode-width that only adds the columns up.

use crate::texts::{KINDS, Kind};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use frontdesk::bench::generate;
use frontdesk::model::query::MessagePage;
use frontdesk::model::{Channel, Message};
use frontdesk::testing::world::NOW;
use frontdesk::testing::{dump, people};
use frontdesk::text::{WrapIndex, sanitize_block};
use frontdesk::ui::panes::conversation::{Look, OpenConversation, PAGE};
use jiff::tz::TimeZone;
use std::sync::Arc;
use unicode_width::UnicodeWidthStr as _;

const COLUMNS: usize = 78;

#[divan::bench(args = KINDS)]
fn index(bencher: Bencher, kind: Kind) {
    let text: Arc<str> = sanitize_block(&kind.text()).text.into();
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| WrapIndex::new(black_box(Arc::clone(&text)), COLUMNS));
}

#[divan::bench(args = KINDS)]
fn bare_unicode_width(bencher: Bencher, kind: Kind) {
    let text = sanitize_block(&kind.text()).text;
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| black_box(&text).width());
}

/// The window of messages that a conversation opens with, for the first time and when the pane gets another width.
#[divan::bench(args = [80, 100])]
fn timeline(bencher: Bencher, width: u16) {
    let (theme, tz) = (dump::theme(), TimeZone::UTC);
    let look = Look {
        theme: &theme,
        now: NOW,
        tz: &tz,
        me: "nina",
        plain: false,
        focused: true,
    };
    let messages = messages();
    bencher
        .with_inputs(|| {
            let mut open = OpenConversation::new(messages[0].conversation);
            let page = MessagePage {
                messages: messages.clone(),
                older: true,
            };
            open.take(page, false);
            open
        })
        .bench_local_values(|mut open| {
            open.lay_out(width, 38, &look);
            open
        });
}

fn messages() -> Vec<Message> {
    let of = people::conversation(1, Channel::Email, "Ana Sousa", "ana@example.com");
    let body = |first: i64| {
        let lines = (first..first + 12).map(|number| generate::line(number.unsigned_abs()));
        lines.collect::<Vec<_>>().join("\n")
    };
    (0..i64::from(PAGE))
        .map(|id| people::inbound(id, &of, NOW - (1_000 - id) * 60_000, &body(id * 12)))
        .collect()
}
