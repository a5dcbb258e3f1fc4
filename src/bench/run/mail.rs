//! A first read of a mailbox at a real mail server, and how soon news of it is there.

use super::bare_mail::{self, Onlooker};
use super::dovecot::{self, Dovecot, USER};
use super::proc::Cost;
use super::row::{Row, Samples};
use crate::bench::generate::{self, Shape};
use crate::model::{AccountId, Cursor, SystemClock, Timestamp};
use crate::providers::Provider as _;
use crate::providers::email::EmailProvider;
use crate::providers::email::imap::{Data, ImapSession};
use crate::providers::email::settings::{AuthMethod, EmailSettings};
use crate::store::{Options, Store};
use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Mails of the mailbox.
const MAILS: usize = 50_000;
/// After so many the memory is held against that after all of them: what may fill has filled by then.
const EARLY: usize = 25_000;
/// Where they are from: rather more than half of its messages are mails.
const SHAPE: Shape = Shape {
    messages: 100_000,
    conversations: 20_000,
    seed: 5,
    until: Timestamp(1_790_000_000_000),
};
/// Rows of a list that is of use.
const USABLE: u32 = 12;
/// Times that nothing new is read, and that a new mail is awaited.
const TIMES: usize = 7;
const PATIENCE: Duration = Duration::from_mins(5);
/// After so long mbsync has shown how fast it is.
const ENOUGH: Duration = Duration::from_mins(1);

/// Measures below `scratch`.
///
/// # Errors
/// When the mails cannot be written or the server does not play along.
pub async fn rows(scratch: &Path) -> anyhow::Result<Vec<Row>> {
    if let Some(why) = dovecot::missing() {
        return Ok(vec![Row::left_out("first sync from Dovecot", why)]);
    }
    let place = super::Scratch::new(scratch, "mail")?;
    let server = super::apart(|| Dovecot::start(place.path(), SHAPE, MAILS))?;
    let mut rows = Vec::new();
    let mbsync = if super::peers::installed("mbsync") {
        Some(super::apart(|| mbsync(place.path(), &server))?)
    } else {
        rows.push(Row::left_out(
            "first sync against mbsync",
            "not installed (benches/peers.sh)",
        ));
        None
    };
    let desk = Desk::new(place.path(), &server)?;
    // The first time only warms the server, which mbsync has done otherwise.
    let mut first = super::apart(|| desk.first_read())?;
    if mbsync.is_none() {
        drop(first);
        desk.forget()?;
        first = super::apart(|| desk.first_read())?;
    }
    let (mails, took) = super::apart(|| bare_mail::drain(place.path(), &desk.mirror, &server))?;
    anyhow::ensure!(mails == MAILS, "the bare loop read {mails} mails");
    let rate = |took: Duration| MAILS as f64 / took.as_secs_f64();
    let (ours, bare) = (rate(first.took), rate(took));
    if let Some(mbsync) = &mbsync {
        let theirs = mbsync.rate;
        rows.push(
            Row::at_least("first sync against mbsync", ours, theirs * 3.0, "mails/s")
                .against("3 times mbsync with its own durability")
                .note(format!(
                    "mbsync: {theirs:.0}/s, so {:.1} times",
                    ours / theirs
                )),
        );
    }
    rows.push(
        Row::at_least("first sync", ours, bare * 0.6, "mails/s")
            .against("0.6 of a bare loop that drains, parses and inserts")
            .note(format!("bare: {bare:.0}/s, so {:.2} of it", ours / bare)),
    );
    rows.push(
        Row::below("first sync, usable list", millis(first.usable), 500.0, "ms")
            .note(format!("{USABLE} conversations, from before it connects")),
    );
    rows.push(
        Row::below(
            "resident memory after a first sync, over that after half of it",
            first.late as f64 / first.early as f64,
            1.15,
            "x",
        )
        .note(format!(
            "{:.0} MB after {EARLY}, {:.0} MB after {MAILS}",
            first.early as f64 / 1e6,
            first.late as f64 / 1e6
        )),
    );
    rows.push(Row::below(
        "resident memory in a first sync, at most",
        first.most as f64 / 1e6,
        80.0,
        "MB",
    ));
    rows.push(desk.new_mail(&first).await?);
    drop(first);
    rows.push(desk.nothing_new(mbsync.as_ref()).await?);
    Ok(rows)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// What mbsync took.
struct Mbsync {
    /// Mails a second.
    rate: f64,
    /// None where the first read was not awaited to its end.
    nothing_new: Option<Duration>,
}

fn mbsync(place: &Path, server: &Dovecot) -> anyhow::Result<Mbsync> {
    let at = place.join("mbsync");
    fs::create_dir_all(at.join("mail"))?;
    let here = at.display();
    fs::write(
        at.join("rc"),
        format!(
            "IMAPAccount bench\nHost 127.0.0.1\nPort {}\nUser {USER}\nPass {USER}\nSSLType IMAPS\n\
             CertificateFile {}\nAuthMechs LOGIN\n\n\
             IMAPStore far\nAccount bench\n\nMaildirStore near\nPath {here}/mail/\nInbox {here}/mail/INBOX\n\n\
             Channel bench\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nSync Pull\nSyncState *\n",
            server.port,
            server.certificate().display()
        ),
    )?;
    let run = || {
        let began = Instant::now();
        let mut child = Running(
            Command::new("mbsync")
                .arg("-q")
                .arg("-c")
                .arg(at.join("rc"))
                .arg("bench")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(fs::File::create(at.join("log"))?)
                .spawn()?,
        );
        while began.elapsed() < ENOUGH {
            if let Some(status) = child.0.try_wait()? {
                let says = fs::read_to_string(at.join("log")).unwrap_or_default();
                anyhow::ensure!(status.success(), "mbsync: {says}");
                return Ok((began.elapsed(), true));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        anyhow::Ok((began.elapsed(), false))
    };
    let (took, ended) = run()?;
    let mut came = 0;
    for part in ["cur", "new"] {
        came += fs::read_dir(at.join("mail/INBOX").join(part))?.count();
    }
    anyhow::ensure!(came == MAILS || !ended, "mbsync brought {came} mails");
    let nothing_new = if ended { Some(run()?.0) } else { None };
    fs::remove_dir_all(&at)?;
    Ok(Mbsync {
        rate: came as f64 / took.as_secs_f64(),
        nothing_new,
    })
}

/// This program, configured for the mailbox.
struct Desk {
    home: PathBuf,
    mirror: PathBuf,
    settings: EmailSettings,
}

/// A first read that came to its end; the program still runs and waits for news.
struct First {
    _program: Running,
    onlooker: Onlooker,
    usable: Duration,
    took: Duration,
    early: u64,
    late: u64,
    most: u64,
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Desk {
    fn new(place: &Path, server: &Dovecot) -> anyhow::Result<Self> {
        let home = place.join("home");
        fs::create_dir_all(&home)?;
        let account = format!(
            "address = 'bench@northwind.example'\nfolders = ['INBOX']\n\
             imap = {{ host = '127.0.0.1', port = {}, user = '{USER}', ca_file = '{}', \
             password = {{ command = ['echo', '{USER}'] }} }}\n",
            server.port,
            server.authority().display()
        );
        fs::write(
            home.join("config.toml"),
            format!("me = 'nina'\n[accounts.bench]\nprovider = 'email'\n{account}"),
        )?;
        Ok(Self {
            home,
            mirror: place.join("mirror"),
            settings: toml::from_str(&account)?,
        })
    }

    fn forget(&self) -> anyhow::Result<()> {
        Ok(fs::remove_dir_all(&self.mirror)?)
    }

    /// Starts `frontdesk sync` on an empty mirror and looks on until all mails are in it.
    fn first_read(&self) -> anyhow::Result<First> {
        let began = Instant::now();
        let program = Command::new(std::env::current_exe()?)
            .arg("--mirror")
            .arg(&self.mirror)
            .arg("sync")
            .env("FRONTDESK_CONFIG", self.home.join("config.toml"))
            .env("HOME", &self.home)
            .env("XDG_RUNTIME_DIR", &self.home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(self.home.join("log"))?)
            .spawn()
            .context("this program cannot be started again")?;
        let mut program = Running(program);
        let onlooker = loop {
            program.alive(began, &self.home)?;
            // Until its tables are there it cannot be read.
            if let Ok(onlooker) = Onlooker::of(&self.mirror)
                && onlooker.messages().is_ok()
            {
                break onlooker;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        // From here on it connects.
        let made = Instant::now();
        while onlooker.listed(USABLE)? < USABLE {
            program.alive(began, &self.home)?;
            std::thread::sleep(Duration::from_millis(5));
        }
        let usable = made.elapsed();
        let (mut early, mut most) = (0, 0);
        loop {
            program.alive(began, &self.home)?;
            let there = onlooker.messages()?;
            let resident = Cost::of(program.0.id())?.resident;
            most = most.max(resident);
            if there >= EARLY && early == 0 {
                early = resident;
            }
            if there >= MAILS {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let took = began.elapsed();
        let late = Cost::of(program.0.id())?.resident;
        let counted = onlooker.counted()?;
        anyhow::ensure!(
            counted == (MAILS, MAILS),
            "of {MAILS} mails (kept, found) are {counted:?}"
        );
        Ok(First {
            _program: program,
            onlooker,
            usable,
            took,
            early,
            late,
            most,
        })
    }

    async fn session(&self) -> anyhow::Result<ImapSession> {
        let imap = &self.settings.imap;
        let mut session = ImapSession::open(imap).await?;
        let port = imap.port();
        session
            .login(AuthMethod::Password, USER, USER, &imap.host, port)
            .await?;
        Ok(session)
    }

    /// Delivers mails one by one: how long each takes into the mirror from when Dovecot tells of it.
    async fn new_mail(&self, first: &First) -> anyhow::Result<Row> {
        let mut delivering = self.session().await?;
        let (mut told, mut delivered) = (Samples::default(), Samples::default());
        for (number, (_, _, mail)) in generate::mails(SHAPE, TIMES).enumerate() {
            let head = format!("Subject: news {number}\r\nMessage-ID: <news.{number}@bench>\r\n");
            let text = mail.windows(4).position(|end| end == b"\r\n\r\n");
            let text = mail.get(text.unwrap_or(0)..).unwrap_or_default();
            let bytes = [head.as_bytes(), b"From: news@mail.example", text].concat();
            let before = first.onlooker.messages()?;
            let mut watching = self.session().await?;
            watching.examine("INBOX", None).await?;
            let watch = tokio::spawn(async move {
                let heard = watching.idle(Duration::from_secs(10)).await;
                let news = heard.is_ok_and(|heard| heard.iter().any(Data::is_news));
                (news, Instant::now())
            });
            // Whoever watches is there before it comes.
            tokio::time::sleep(Duration::from_millis(700)).await;
            delivering.run_literal("APPEND INBOX", &bytes).await?;
            let came = Instant::now();
            while first.onlooker.messages()? <= before {
                anyhow::ensure!(came.elapsed() < PATIENCE, "a new mail never came");
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            let here = Instant::now();
            let (news, heard) = watch.await?;
            anyhow::ensure!(news, "dovecot did not tell of a new mail");
            told.time(here.saturating_duration_since(heard));
            delivered.time(here - came);
        }
        Ok(Row::below(
            "new mail in the mirror after Dovecot told of it",
            told.quantile(1.0),
            300.0,
            "ms",
        )
        .note(format!(
            "longest of {TIMES}; {:.0} ms after the end of its delivery, of which Dovecot keeps most to itself",
            delivered.median()
        )))
    }

    /// Reads on where nothing is new, each time by a connection of its own.
    async fn nothing_new(&self, mbsync: Option<&Mbsync>) -> anyhow::Result<Row> {
        let store = Store::open(Options {
            dir: self.mirror.clone(),
            clock: Arc::new(SystemClock),
            read_only: true,
        })?;
        let mut cursor: Option<Cursor> = store.cursor(&AccountId::new("bench")).await?;
        anyhow::ensure!(cursor.is_some(), "the mirror has no cursor");
        // The program was stopped as soon as the last news was there, and looks for flags after that.
        let last = EmailProvider::new(self.settings.clone(), Arc::new(SystemClock));
        while let Some(next) = last.pull(cursor.clone()).await?.cursor {
            cursor = Some(next);
        }
        let mut times = Samples::default();
        for _ in 0..TIMES {
            let provider = EmailProvider::new(self.settings.clone(), Arc::new(SystemClock));
            let began = Instant::now();
            let batch = provider.pull(cursor.clone()).await?;
            times.time(began.elapsed());
            anyhow::ensure!(batch.events.is_empty() && !batch.more, "something was new");
        }
        let row = Row::below("resync with nothing new", times.median(), 100.0, "ms");
        let note = format!(
            "longest {:.0} ms, connecting and logging in included",
            times.quantile(1.0)
        );
        Ok(
            row.note(match mbsync.and_then(|mbsync| mbsync.nothing_new) {
                Some(theirs) => format!("{note}; mbsync {:.0} ms", millis(theirs)),
                None => note,
            }),
        )
    }
}

impl Running {
    /// # Errors
    /// When it has ended or is at it for too long.
    fn alive(&mut self, began: Instant, home: &Path) -> anyhow::Result<()> {
        let says = || fs::read_to_string(home.join("log")).unwrap_or_default();
        if let Some(status) = self.0.try_wait()? {
            anyhow::bail!("frontdesk sync ended ({status}): {}", says());
        }
        anyhow::ensure!(
            began.elapsed() < PATIENCE,
            "frontdesk sync does not come to an end: {}",
            says()
        );
        Ok(())
    }
}
