//! The corpus's rows about the program on a machine of many, and the account of the whole corpus: every check of every
//! row is claimed by a test that is there; `--nocapture` shows rows, proofs and promises.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "hostile/corpus.rs"]
#[allow(dead_code)]
mod corpus;
#[path = "hostile/ledger.rs"]
#[allow(dead_code)]
mod ledger;

use corpus::{claim, load};
use frontdesk::listen::ListenSettings;
use frontdesk::secrets::vault::{Keeping, Vault, VaultSettings};
use ledger::claims;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Everything below a folder.
fn below(dir: &Path, all: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, all);
        }
        all.push(path);
    }
}

/// Runs the program where nothing is kept from others by itself; gives what it made.
fn made_under_an_open_umask() -> Vec<(PathBuf, bool, u32)> {
    let dir = tempfile::tempdir().unwrap();
    for arguments in [
        "init",
        "config init",
        "account add desk --address a@b.test --password-env P --no-test",
        "list",
        "doctor",
    ] {
        let line = format!(
            "umask 000; exec \"{}\" {arguments}",
            env!("CARGO_BIN_EXE_frontdesk")
        );
        let mut command = Command::new("sh");
        command.args(["-c", &line]).env_clear().stdin(Stdio::null());
        command
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", dir.path());
        for (name, folder) in [
            ("CONFIG", "config"),
            ("DATA", "data"),
            ("STATE", "state"),
            ("CACHE", "cache"),
        ] {
            command.env(format!("XDG_{name}_HOME"), dir.path().join(folder));
        }
        command.output().unwrap();
    }
    let mut all = Vec::new();
    below(dir.path(), &mut all);
    // The folders of the system's own convention are whoever's they are.
    all.retain(|path| {
        path.components()
            .any(|part| part.as_os_str() == "frontdesk")
    });
    all.into_iter()
        .map(|path| {
            let mode = std::fs::symlink_metadata(&path)
                .unwrap()
                .permissions()
                .mode()
                & 0o777;
            (path.clone(), path.is_dir(), mode)
        })
        .collect()
}

#[test]
fn the_machine_is_shared() {
    let made = made_under_an_open_umask();
    let names = |name: &str| made.iter().any(|(path, ..)| path.ends_with(name));
    assert!(names("config.toml") && made.len() > 4, "{made:?}");
    claim("17_own", &[], |row, check| {
        assert_eq!(check, "perm");
        match row.id.as_str() {
            "sys-perm-077" => {
                for (path, folder, mode) in &made {
                    let wanted = if *folder { 0o700 } else { 0o600 };
                    assert_eq!(mode & !wanted, 0, "{} is {mode:o}", path.display());
                }
            }
            "sys-ipc-socket" => the_vaults_socket(),
            "sys-webhook-bind" => {
                let settings = ListenSettings::default();
                assert!(settings.address.ip().is_loopback() && settings.status.ip().is_loopback());
            }
            _ => return false,
        }
        true
    });
}

const SOCKET: &str = "FRONTDESK_TEST_SOCKET";

/// The socket at which processes ask the keeper of the vault: nobody else's, by its mode, its folder's, and by who asks.
fn the_vaults_socket() {
    let root = tempfile::tempdir().unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let open = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let (data, run) = (root.path().join("data"), root.path().join("run"));
    // Somebody made the folder before, for everybody.
    std::fs::create_dir(&run).unwrap();
    open(&run, 0o777);
    let settings = VaultSettings {
        work_factor: 2,
        ..VaultSettings::default()
    };
    let vault = Arc::new(Vault::at(&data, &run, settings));
    vault.create(&"correct horse".into()).unwrap();
    vault.unlock(&"correct horse".into()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let inside = runtime.enter();
    let keeping = vault.keep();
    drop(inside);
    let begun = std::time::Instant::now();
    while runtime.block_on(vault.keeping()) != Keeping::Open {
        assert!(begun.elapsed().as_secs() < 20);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let mut all = Vec::new();
    below(&run, &mut all);
    let socket = all
        .iter()
        .find(|path| path.extension().is_some_and(|ending| ending == "sock"));
    let socket = socket.unwrap();
    assert_eq!((mode(socket), mode(&run)), (0o600, 0o700));
    // Who runs as the same user is answered.
    let asked = |command: &mut Command| {
        let output = command.env(SOCKET, socket).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let ask = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "asks_a_socket", "--nocapture"]);
        command
    };
    assert!(asked(&mut ask()).contains("answered: open"));
    if is_root() {
        // Not even where every mode lets them.
        for path in [root.path(), run.as_path()] {
            open(path, 0o777);
        }
        open(socket, 0o666);
        let said = asked(std::os::unix::process::CommandExt::uid(&mut ask(), 65_534));
        assert!(said.contains("answered: nothing"), "{said}");
    } else {
        println!("left out: only root can become another user and ask the vault's socket");
    }
    keeping.abort();
}

fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    status.lines().any(|line| line.starts_with("Uid:\t0\t"))
}

/// No test by itself: what another process asks the vault's socket.
#[test]
#[ignore = "is run by the test of the vault's socket, as another user"]
fn asks_a_socket() {
    let Some(socket) = std::env::var_os(SOCKET) else {
        return;
    };
    let mut stream = std::os::unix::net::UnixStream::connect(socket).expect("it can be reached");
    let _ = stream.write_all(b"status\n");
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    let answer = answer.trim();
    println!(
        "answered: {}",
        if answer.is_empty() { "nothing" } else { answer }
    );
}

/// Rows of the corpus's parts 05, 06, 14, 15 and 16 that are not among ours, by what their ids begin with, and why. The
/// corpus names vendors and services that this program does not speak to.
const LEFT_OUT: [(&str, u32, &str); 5] = [
    (
        "body-VENDOR: slack, discord, line, viber, telnyx, vonage, postmark, sns, graph, gmail, mastodon, bluesky, matrix, \
         ses, x, linkedin, gbp, rcs, stripe, plaid, deepgram, jmap, mailgun, messagebird, sendgrid",
        345,
        "no provider of these vendors",
    ),
    (
        "body-ai",
        18,
        "the drafter is built in and asks no model: nothing of this kind is read",
    ),
    (
        "sig-VENDOR: slack, tv1 (Stripe's scheme), stdwh, line, mailgun, vonage, discord, telnyx, sns, x, linkedin, rcs, \
         sendgrid, plaid, graph, gmail, cache (Slack's)",
        84,
        "no route of these vendors",
    ),
    ("srv-pop", 1, "mail is read by IMAP only"),
    ("srv-nats", 1, "desks are not joined over NATS"),
];

#[test]
fn what_is_left_out_is_accounted_for() {
    for (rows, count, why) in LEFT_OUT {
        println!("left out: {count} rows {rows}: {why}");
    }
    // Nobody took one up without saying so here.
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    let mut all = Vec::new();
    below(&tests, &mut all);
    for path in all
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
    {
        let name = path.file_stem().unwrap().to_str().unwrap();
        for row in load(name) {
            for (rows, ..) in LEFT_OUT {
                let start = rows.split(':').next().unwrap().trim_end_matches("-VENDOR");
                let vendors = rows.split_once(':').map(|(_, vendors)| vendors);
                let Some(rest) = row.id.strip_prefix(start) else {
                    continue;
                };
                let vendor = rest.trim_start_matches('-').split('-').next().unwrap();
                let named = vendors
                    .is_none_or(|vendors| vendors.split([',', ' ']).any(|one| one == vendor));
                assert!(!named, "{} is among ours and among those left out", row.id);
            }
        }
    }
}

/// A folder or file of tests that `tests/README.md` does not tell of would be found by nobody.
#[test]
fn every_suite_is_in_the_readme() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let told = std::fs::read_to_string(tests.join("README.md")).unwrap();
    let mut missing = Vec::new();
    for entry in std::fs::read_dir(&tests).unwrap() {
        let path = entry.unwrap().path();
        let suite =
            path.join("main.rs").exists() || path.extension().is_some_and(|end| end == "rs");
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if suite && !told.contains(&format!("| `{name}` |")) {
            missing.push(name);
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

/// The ten promises of SECURITY.md, and by which checks of the corpus each is held. A check that is in none is about
/// keeping on: memory, time, no panic.
const PROMISES: [(&str, &[&str]); 11] = [
    (
        "1 nothing acts on the terminal",
        &[
            "no_ctrl",
            "no_bidi",
            "nothing_hidden",
            "row_isolated",
            "field_isolated",
            "bounded_cell",
            "width_ok",
            "readable",
            "title_unchanged",
            "clipboard_unchanged",
            "modes_unchanged",
            "no_tty_reply",
            "sink:",
            "csv_safe",
            "name_safe",
            "no_file_outside",
            "no_overwrite",
            "no_exec",
            "no_file_read",
            "search_fold",
            "no_sql_error",
            "scroll_end",
        ],
    ),
    (
        "2 nothing leaves by looking",
        &["no_net", "links_honest", "no_private_connect", "privacy"],
    ),
    (
        "3 sent as seen, at most once",
        &[
            "no_header_injection",
            "no_smtp_smuggle",
            "recipient_visible",
            "recipient_locked",
            "hash_bound",
            "exactly_once_visible",
            "no_send",
        ],
    ),
    ("4 queued means on disk", &["convergent"]),
    (
        "5 no post without a signature",
        &[
            "accept",
            "reject_401",
            "no_body_parse_before_verify",
            "http_2xx_or_4xx",
        ],
    ),
    (
        "6 nobody is merged by claims",
        &[
            "no_merge",
            "unverified_badge",
            "homograph_warn",
            "reversible",
            "own_side_protected",
        ],
    ),
    (
        "7 the drafter decides nothing",
        &[
            "human_approval",
            "no_tool_effect",
            "no_secret_in_draft",
            "ai_input_clean",
            "links_allowlisted",
            "no_template_eval",
        ],
    ),
    (
        "8 secrets stay sealed",
        &["no_auth_leak", "no_cred_leak", "no_secret_leak", "perm"],
    ),
    (
        "9 neither drafts nor processor are lost",
        &["time_", "mem_"],
    ),
    (
        "10 shown, or listed as not understood",
        &["raw_kept", "no_partial_row", "idempotent"],
    ),
    ("(all of them) it goes on", &["no_panic"]),
];

fn promise(check: &str) -> Option<&'static str> {
    let of = |words: &&[&str]| {
        words
            .iter()
            .any(|word| check == *word || (word.ends_with([':', '_']) && check.starts_with(word)))
    };
    PROMISES
        .iter()
        .find(|(_, words)| of(words))
        .map(|(name, _)| *name)
}

/// All Rust text of a suite: `tests/suite.rs`, and what lies in `tests/suite/`.
fn suite(name: &str) -> String {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut files = Vec::new();
    if tests.join(name).is_dir() {
        below(&tests.join(name), &mut files);
    }
    files.push(tests.join(format!("{name}.rs")));
    let texts = files
        .iter()
        .filter_map(|file| std::fs::read_to_string(file).ok());
    texts.collect()
}

#[test]
fn every_row_of_the_corpus_is_claimed() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut all = Vec::new();
    below(&tests, &mut all);
    below(&tests.with_file_name("src"), &mut all);
    let sources: Vec<String> = all
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let files = all
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    let mut names: Vec<String> = files
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert!(names.len() > 20, "{names:?}");
    let account = claims();
    for claim in &account {
        let (name, test) = claim.test.split_once("::").unwrap();
        let text = suite(name);
        assert!(
            text.contains(&format!("fn {test}(")),
            "there is no test {}",
            claim.test
        );
        assert!(
            text.contains(&format!("\"{}\"", claim.test)),
            "{} does not ask the account",
            claim.test
        );
        let known = load(&claim.file);
        let meant = known
            .iter()
            .any(|row| row.checks.iter().any(|check| claim.has(&row.id, check)));
        assert!(
            meant,
            "{} claims {} of {}, which is in no row",
            claim.test, claim.check, claim.file
        );
        for id in &claim.rows {
            assert!(
                known.iter().any(|row| row.id == *id),
                "{} claims {id}, which is no row",
                claim.test
            );
        }
    }
    let mut promises: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let (mut rows, mut unclaimed) = (0, Vec::new());
    for name in &names {
        let own: Vec<_> = account.iter().filter(|claim| claim.file == *name).collect();
        let loaded = load(name);
        let mut proofs = 0;
        for row in &loaded {
            let mut here: Vec<&str> = Vec::new();
            for check in &row.checks {
                let kept = promise(check)
                    .unwrap_or_else(|| panic!("{check} of {} is in no promise", row.id));
                let by = own.iter().filter(|claim| claim.has(&row.id, check)).count();
                if by == 0 && !own.is_empty() {
                    unclaimed.push(format!("{check} of {}", row.id));
                }
                proofs += by;
                let count = promises.entry(kept).or_default();
                count.1 += 1;
                if !here.contains(&kept) {
                    here.push(kept);
                    count.0 += 1;
                }
            }
        }
        // The other files are wholly one suite's, which fails where it knows a row's check not: `corpus::claim`.
        let claimed = sources.iter().filter(|text| text.contains(name)).count();
        assert!(claimed > 0, "no suite claims the rows of {name}");
        rows += loaded.len();
        if own.is_empty() {
            println!(
                "{name}: {} rows, by the account of {claimed} suites",
                loaded.len()
            );
        } else {
            println!("{name}: {} rows, {proofs} proofs", loaded.len());
        }
    }
    assert_eq!(unclaimed, Vec::<String>::new(), "nobody claims these");
    println!("in all {rows} rows; rows and checks for each promise:");
    for (name, _) in PROMISES {
        let (rows, checks) = promises.get(name).copied().unwrap_or_default();
        println!("  {name}: {rows} rows, {checks} checks");
    }
}

/// The tests that SECURITY.md names, by promise, are there.
#[test]
fn the_promises_name_tests_that_are_there() {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("SECURITY.md")).unwrap();
    let (promises, rest) = text.split_once("Besides: ").unwrap();
    let mut promise = 0;
    let mut named: BTreeMap<usize, usize> = BTreeMap::new();
    for line in promises.lines().chain(rest.lines()) {
        let number = line
            .split_once(". **")
            .and_then(|(number, _)| number.parse().ok());
        promise = number.unwrap_or(promise);
        for word in line.split('`').skip(1).step_by(2) {
            let Some((name, test)) = word.split_once("::") else {
                continue;
            };
            if word == "suite::test" {
                continue;
            }
            assert!(
                suite(name).contains(&format!("fn {test}(")),
                "SECURITY.md names {word}, which is not there"
            );
            if promise > 0 {
                *named.entry(promise).or_default() += 1;
            }
        }
    }
    assert_eq!(
        named.keys().copied().collect::<Vec<_>>(),
        (1..=10).collect::<Vec<_>>(),
        "ten promises"
    );
    assert!(named.values().all(|tests| *tests >= 2), "{named:?}");
}
