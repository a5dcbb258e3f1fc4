//! Where a notification can go from here.

use super::{NotifySettings, Sequence, Via};
use crate::text::osc::Multiplexer;

/// What the terminal and the machine offer. The real terminal's probe makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// The agent sits at the other end of an SSH line: this machine's desktop is not theirs.
    pub ssh: bool,
    /// A desktop session that takes notifications.
    pub session_bus: bool,
    /// The terminal's own way, when it is known to have one.
    pub sequence: Option<Sequence>,
    /// What stands between us and the terminal.
    pub multiplexer: Multiplexer,
}

/// One way to the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// The desktop's notification service.
    Desktop,
    /// The terminal's own notifications.
    Terminal(Sequence),
    /// The bell: always possible.
    Bell,
    /// A program with its arguments.
    Command(Vec<String>),
}

/// The ways to try, one after the other until one works.
pub fn routes(settings: &NotifySettings, place: &Place) -> Vec<Route> {
    let terminal = settings.sequence.or(place.sequence).map(Route::Terminal);
    let desktop = (cfg!(feature = "desktop") && place.session_bus).then_some(Route::Desktop);
    let command = (!settings.command.is_empty()).then(|| Route::Command(settings.command.clone()));
    let first = match settings.via {
        Via::Off => return Vec::new(),
        Via::Auto if place.ssh => [terminal, None],
        Via::Auto | Via::Desktop => [desktop, terminal],
        Via::Terminal => [terminal, None],
        Via::Bell => [None, None],
        Via::Command => [command, None],
    };
    first.into_iter().flatten().chain([Route::Bell]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_from_here() {
        let osc9 = Route::Terminal(Sequence::Osc9);
        let osc99 = Route::Terminal(Sequence::Osc99);
        let place = |ssh, session_bus, sequence| Place {
            ssh,
            session_bus,
            sequence,
            multiplexer: Multiplexer::None,
        };
        let local = place(false, true, None);
        let kitty = place(false, false, Some(Sequence::Osc99));
        let far = place(true, true, Some(Sequence::Osc9));
        let far_unknown = place(true, true, None);
        let mut desktop = vec![Route::Desktop, Route::Bell];
        if !cfg!(feature = "desktop") {
            desktop.remove(0);
        }
        let table = [
            (Via::Auto, local, desktop.clone()),
            (Via::Auto, kitty, vec![osc99.clone(), Route::Bell]),
            (Via::Auto, far, vec![osc9.clone(), Route::Bell]),
            (Via::Auto, far_unknown, vec![Route::Bell]),
            (Via::Desktop, local, desktop),
            (Via::Terminal, far_unknown, vec![Route::Bell]),
            (Via::Bell, far, vec![Route::Bell]),
            (Via::Command, far, vec![Route::Bell]),
            (Via::Off, far, vec![]),
        ];
        for (via, place, expected) in table {
            let settings = NotifySettings {
                via,
                ..NotifySettings::default()
            };
            assert_eq!(routes(&settings, &place), expected, "{via:?} {place:?}");
        }
        let settings = NotifySettings {
            sequence: Some(Sequence::Osc9),
            ..NotifySettings::default()
        };
        assert_eq!(routes(&settings, &far_unknown), [osc9, Route::Bell]);
    }
}
