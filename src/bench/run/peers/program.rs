//! How other mail programs are set up: as their manuals say, with nothing asked at the start, newest first.

use super::super::seat::Launch;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// A program on a maildir, with a home of its own below `place`.
///
/// # Errors
/// When its configuration cannot be written.
pub fn launch(name: &str, place: &Path, maildir: &Path) -> anyhow::Result<Launch> {
    let home = place.join(name);
    fs::create_dir_all(&home)?;
    let arguments = match name {
        "neomutt" => neomutt(&home, maildir)?,
        _ => aerc(&home, maildir)?,
    };
    let home = home.into_os_string();
    Ok(Launch {
        program: PathBuf::from(name),
        arguments,
        variables: vec![
            ("HOME", home.clone()),
            ("XDG_CONFIG_HOME", home.clone()),
            ("XDG_DATA_HOME", home.clone()),
            ("XDG_CACHE_HOME", home.clone()),
            ("XDG_STATE_HOME", home.clone()),
            ("XDG_RUNTIME_DIR", home),
        ],
    })
}

/// With a cache of headers: without one it takes five times as long.
fn neomutt(home: &Path, maildir: &Path) -> anyhow::Result<Vec<OsString>> {
    let rc = home.join("rc");
    let words = format!(
        // Without a folder and an inbox that exist it asks whether to make them.
        "set folder='{}'\nset spoolfile='{}'\nset header_cache='{}'\nset sort=reverse-date\nset mbox_type=Maildir\n\
         set realname=Nina\nset from='nina@northwind.example'\nset index_format='%4C %Z %{{%b %d}} %-30.30L %s'\n",
        folder(maildir).display(),
        maildir.display(),
        home.join("cache").display()
    );
    fs::write(&rc, words)?;
    Ok(vec![
        "-n".into(),
        "-F".into(),
        rc.into(),
        "-R".into(),
        "-f".into(),
        maildir.into(),
    ])
}

/// Its own order, by arrival, is newest first already; sorting by date would cost it more.
fn aerc(home: &Path, maildir: &Path) -> anyhow::Result<Vec<OsString>> {
    let accounts = home.join("aerc/accounts.conf");
    fs::create_dir_all(home.join("aerc"))?;
    let words = format!(
        "[bench]\nsource = maildir://{}\ndefault = INBOX\nfrom = Nina <nina@northwind.example>\n",
        folder(maildir).display()
    );
    fs::write(&accounts, words)?;
    // It refuses what others may read.
    fs::set_permissions(&accounts, fs::Permissions::from_mode(0o600))?;
    Ok(Vec::new())
}

fn folder(maildir: &Path) -> &Path {
    maildir.parent().unwrap_or(maildir)
}
