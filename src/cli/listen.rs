//! `listen`: the listener for vendors that post to us.

use super::context::Context;
use super::failure::Done;
use super::sync;
use std::process::ExitCode;

pub fn run(context: Context) -> Done<ExitCode> {
    sync::log();
    for problem in &context.problems {
        tracing::warn!(problem = %problem.line(), "configuration");
    }
    if context.config.accounts.is_empty() {
        return Err(super::providers::none(&context.problems));
    }
    if context.config.listen.public_url.is_none() {
        tracing::warn!(
            "`public_url` in [listen] is not set: vendors that sign the address cannot be checked"
        );
    }
    super::unlock::before_use(&context)?;
    let files = crate::runtime::Files {
        config: context.file,
        paths: context.paths,
    };
    Ok(crate::runtime::run_listener(context.config, files)?)
}
