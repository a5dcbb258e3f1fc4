//! frontdesk: the agent inbox for the terminal.
//!
//! Customers write by mail, SMS, chat or voice; agents answer from one screen, and nothing stands in between: this
//! program speaks to the providers itself, keeps a mirror of everything in one SQLite file, and sends through an outbox
//! that never sends twice.
//!
//! # The words
//!
//! | word | meaning |
//! |---|---|
//! | **provider** | code that speaks one vendor's or protocol's wire |
//! | **channel** | what the customer used: email, sms, whatsapp, voice, … |
//! | **account** | one configured login at a provider; it carries channels |
//! | **conversation** | all messages with one customer about one matter on one account |
//! | **contact**, **identity** | a person; one address of that person, verified or merely claimed |
//! | **draft** | text that has not been sent |
//! | **template** | a text that a vendor approved beforehand: all that may be sent where a reply window is closed |
//! | **approval** | the decision on an assistant's draft, bound to the exact bytes that were seen |
//! | **outbox** | the durable queue of everything that will leave, with hold, retry and `unknown` |
//! | **escalation** | a page to a person, who must acknowledge it |
//! | **mirror** | the local SQLite file; a **cursor** is where a feed was read up to, **coverage** what a read proves |
//! | **journal** | the hash-chained record of every action |
//! | **engine** | the tasks that pull, send and schedule; one process holds it, others attach |
//!
//! # The rooms
//!
//! | room | what is in it |
//! |---|---|
//! | [`model`] | the words as types: pure data |
//! | [`text`] | pure text: cleaning, width, wrapping, HTML, Markdown, quoting, search language, times |
//! | [`desk`] | the agents' rules, pure: hours, promises, reply windows, snooze, routing, roster |
//! | [`store`] | the mirror: one writer, readers, journal, outbox rows, search |
//! | [`providers`] | the trait, and one folder for each provider |
//! | [`sync`] | one supervised task per account; merging and threading as pure functions |
//! | [`outbox`] | the state machine (pure) and the worker that calls providers |
//! | [`assist`] | the drafter, its gates and the approval machine |
//! | [`listen`] | the optional listener: vendors post, and what they say is stored before they are answered |
//! | [`notify`] | whom to disturb, when, and by which way |
//! | [`secrets`] | where passwords are; never what they are |
//! | [`config`] | the typed configuration, read part by part |
//! | [`term`] | the real terminal: session, events, clipboard, editor, hang-up |
//! | [`ui`] | the screen as a synchronous state machine |
//! | [`demo`] | the invented world behind `frontdesk demo` |
//! | [`mod@bench`] | a generated mirror of any size, and figures against limits |
//! | [`runtime`] | the only room that knows everyone |
//! | [`cli`] | the command line |
//!
//! # Which way an arrow may point
//!
//! `runtime` and `cli` may use everything; nothing uses them. The screen uses `model`, `text`, `desk` and the keymap and
//! theme parts of `config`: no store, no network, no clock. Workers (`sync`, `outbox`, `notify`, `assist`) use `store`,
//! `providers` and `desk`, and reach the screen only through events. Providers know neither the store nor one another.
//! `text`, `model`, `desk` and the state machines are pure. The suite `architecture` reads the `use` lines and fails on
//! an arrow that points the wrong way.
//!
//! # Three seams
//!
//! - [`providers::Provider`]: an account at a provider. It returns facts and sends once; it stores nothing.
//! - [`model::Command`] and [`model::Query`]: everything a person can do to the mirror or ask of it. The screen, the
//!   command line and rules all speak them; [`store::Store`] carries each out in one transaction.
//! - [`ui::update`]: a message in, effects out as data. Drawing changes nothing and waits for nothing.

pub mod assist;
pub mod bench;
pub mod cli;
pub mod config;
pub mod demo;
pub mod desk;
pub mod listen;
pub mod model;
pub mod notify;
pub mod outbox;
pub mod providers;
pub mod runtime;
pub mod secrets;
pub mod store;
pub mod sync;
pub mod term;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod text;
pub mod ui;
