//! A page of the list in a mirror of four thousand conversations, against the same statement prepared by hand.

use crate::place;
use crate::texts::SHAPE;
use divan::{Bencher, black_box};
use frontdesk::bench::generate;
use frontdesk::model::query::{From, ListQuery, Sort, View};
use frontdesk::model::{Query, SystemClock};
use frontdesk::store::{Options, Store};
use rusqlite::types::Value;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use tokio::runtime::Runtime;

const ROWS: u32 = 50;

/// The mirror, written when it is first wanted.
static MIRROR: LazyLock<PathBuf> = LazyLock::new(|| {
    let dir = place::dir("list");
    let written = runtime().block_on(generate::generate(&dir, SHAPE, &mut |_| ()));
    written.unwrap();
    dir
});

pub fn runtime() -> Runtime {
    Runtime::new().unwrap()
}

#[divan::bench(args = [Sort::ClosingSoonest, Sort::Newest])]
fn page(bencher: Bencher, sort: Sort) {
    let runtime = runtime();
    let _inside = runtime.enter();
    let store = Store::open(Options {
        dir: MIRROR.clone(),
        clock: Arc::new(SystemClock),
        read_only: false,
    })
    .unwrap();
    let query = Query::List(ListQuery {
        view: View::Inbox,
        sort,
        from: From::Top,
        limit: ROWS,
        me: "nina".to_owned(),
        filter: String::new(),
    });
    bencher.bench_local(|| {
        let answer = store.answer(black_box(query.clone()));
        runtime.block_on(answer).unwrap()
    });
}

/// All columns of as many rows, as values.
#[divan::bench(args = [Sort::ClosingSoonest, Sort::Newest])]
fn bare_rusqlite(bencher: Bencher, sort: Sort) {
    let mirror = rusqlite::Connection::open(MIRROR.join("mirror.db")).unwrap();
    let order = match sort {
        Sort::Newest => "last_at DESC, id DESC",
        _ => "k_closing, id",
    };
    let sql =
        format!("SELECT * FROM conversation WHERE status = 'open' ORDER BY {order} LIMIT {ROWS}");
    let mut asked = mirror.prepare(&sql).unwrap();
    let columns = asked.column_count();
    bencher.bench_local(|| {
        let rows = asked.query_map([], |row| {
            (0..columns)
                .map(|at| row.get(at))
                .collect::<Result<Vec<Value>, _>>()
        });
        let rows: Vec<_> = rows.unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), ROWS as usize);
        rows
    });
}
