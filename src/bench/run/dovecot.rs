//! A real mail server on loopback, with a mailbox of generated mails.

use super::kept::Kept;
use crate::bench::generate;
use anyhow::Context;
use std::ffi::OsStr;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

/// Who has the mailbox, and the password.
pub const USER: &str = "bench";
/// The user and group as which Dovecot reads it: nobody, whose number is the same everywhere.
const NOBODY: u32 = 65_534;
/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// The running server.
pub struct Dovecot {
    at: PathBuf,
    _kept: Kept,
    /// The port, with encryption.
    pub port: u16,
}

/// Why it cannot run here; none where it can.
pub fn missing() -> Option<String> {
    for name in ["dovecot", "openssl"] {
        if !super::peers::installed(name) {
            return Some(format!("{name} is not installed (benches/peers.sh)"));
        }
    }
    let version = Command::new("dovecot").arg("--version").output();
    let version = version.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned());
    if !version
        .as_ref()
        .is_ok_and(|version| version.starts_with("2.3."))
    {
        return Some("its configuration here is for Dovecot 2.3".to_owned());
    }
    (!rustix::process::geteuid().is_root())
        .then(|| "Dovecot changes users, which only root may".to_owned())
}

impl Dovecot {
    /// Fills a mailbox with `mails` of the shape and starts the server, all below `place`.
    ///
    /// # Errors
    /// When the mails cannot be written or it does not start.
    pub fn start(place: &Path, shape: generate::Shape, mails: usize) -> anyhow::Result<Self> {
        let at = place.join("dovecot");
        fs::create_dir_all(at.join("mail"))?;
        // It reads as another user.
        for dir in [place, &at, &at.join("mail")] {
            fs::set_permissions(dir, fs::Permissions::from_mode(0o755))?;
        }
        fill(&at.join("mail").join(USER), shape, mails)?;
        certificates(&at)?;
        let port = free_port()?;
        fs::write(at.join("dovecot.conf"), configuration(&at, port))?;
        let conf = at.join("dovecot.conf");
        let program = ["dovecot", "-F", "-c"].map(OsStr::new);
        let kept = Kept::start(&[&program[..], &[conf.as_os_str()]].concat())
            .context("dovecot cannot be started")?;
        let server = Self {
            at,
            _kept: kept,
            port,
        };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            anyhow::ensure!(began.elapsed() < PATIENCE, "dovecot does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// Its certificate.
    pub fn certificate(&self) -> PathBuf {
        self.at.join("server.pem")
    }

    /// The authority that signed its certificate.
    pub fn authority(&self) -> PathBuf {
        self.at.join("ca.pem")
    }
}

/// Writes a Maildir. The names carry the sizes, as Dovecot's own do, so that nobody pays for counting them.
fn fill(home: &Path, shape: generate::Shape, mails: usize) -> anyhow::Result<()> {
    let maildir = home.join("Maildir");
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(maildir.join(part))?;
    }
    for (number, (at, seen, bytes)) in generate::mails(shape, mails).enumerate() {
        let flags = if seen { "S" } else { "" };
        let size = bytes.len();
        let name = format!(
            "{}.M{number}P1.bench,S={size},W={size}:2,{flags}",
            at.seconds()
        );
        let path = maildir.join("cur").join(name);
        fs::write(&path, bytes)?;
        let when = SystemTime::UNIX_EPOCH + Duration::from_secs(at.seconds().unsigned_abs());
        fs::File::open(&path)?.set_modified(when)?;
        chown(&path, Some(NOBODY), Some(NOBODY))?;
    }
    let mut dirs = vec![home.to_owned(), maildir.clone()];
    dirs.extend(["cur", "new", "tmp"].map(|part| maildir.join(part)));
    for dir in dirs {
        chown(dir, Some(NOBODY), Some(NOBODY))?;
    }
    Ok(())
}

/// An authority of its own, and what it signed for loopback.
fn certificates(at: &Path) -> anyhow::Result<()> {
    let openssl = |arguments: &str| {
        let done = Command::new("openssl")
            .current_dir(at)
            .args(arguments.split(' '))
            .stdin(Stdio::null())
            .output()
            .context("openssl cannot be started")?;
        let says = String::from_utf8_lossy(&done.stderr).into_owned();
        anyhow::ensure!(done.status.success(), "openssl: {says}");
        anyhow::Ok(())
    };
    fs::write(
        at.join("extensions"),
        "basicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n",
    )?;
    openssl(
        "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=bench -addext basicConstraints=critical,CA:TRUE \
         -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem",
    )?;
    openssl("req -newkey rsa:2048 -nodes -subj /CN=server -keyout server.key -out server.csr")?;
    openssl(
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile extensions -out server.pem",
    )
}

fn configuration(at: &Path, port: u16) -> String {
    let at = at.display();
    format!(
        "base_dir = {at}/run\n\
         state_dir = {at}/state\n\
         log_path = {at}/dovecot.log\n\
         instance_name = frontdesk-bench\n\
         protocols = imap\n\
         listen = 127.0.0.1\n\
         ssl = yes\n\
         ssl_cert = <{at}/server.pem\n\
         ssl_key = <{at}/server.key\n\
         disable_plaintext_auth = no\n\
         auth_mechanisms = plain login\n\
         passdb {{\n  driver = static\n  args = password={USER}\n}}\n\
         userdb {{\n  driver = static\n  args = uid={NOBODY} gid={NOBODY} home={at}/mail/%n allow_all_users=yes\n}}\n\
         first_valid_uid = 1\n\
         mail_location = maildir:~/Maildir\n\
         namespace inbox {{\n  inbox = yes\n}}\n\
         service imap-login {{\n  chroot =\n\
         \x20 inet_listener imap {{\n    port = 0\n  }}\n\
         \x20 inet_listener imaps {{\n    port = {port}\n    ssl = yes\n  }}\n}}\n\
         service anvil {{\n  chroot =\n}}\n"
    )
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
