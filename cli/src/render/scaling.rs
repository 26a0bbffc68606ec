//! What autoscalers did in words, the same in every format.

use plimsoll::report::{Report, ScalingReport};

use super::value;

/// Those that changed the number of containers, before the run or in it.
pub(crate) fn changes(report: &Report) -> impl Iterator<Item = String> {
    let is_change = |one: &&ScalingReport| one.scaled_runs > 0 || one.begins != one.stated;
    report.scalings.iter().filter(is_change).map(text)
}

/// What an autoscaler did.
pub(crate) fn text(scaling: &ScalingReport) -> String {
    let ScalingReport { service, stated, begins, least_most, most, fewest, .. } = scaling;
    let mut text = format!("autoscaler of {service}: begins with {begins}");
    if begins != stated {
        text += &format!(" ({stated} stated) for the load before any change");
    }
    match scaling.first_seconds {
        None => text += ", and keeps them",
        Some(first) => {
            let least =
                if least_most == most { String::new() } else { format!("{least_most} to ") };
            if most > begins {
                text += &format!(", wants up to {least}{most}");
            }
            if fewest < begins {
                text += &format!(", wants as few as {fewest}");
            }
            let runs = value::plural(u64::from(scaling.scaled_runs), "run");
            text += &format!("; first change after {}, in {runs}", value::seconds(first));
        }
    }
    if let Some(room) = scaling.room {
        text += &format!("; the node has room for {room} at the beginning");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_changed_and_when() {
        let calm = ScalingReport {
            service: "api".to_owned(),
            stated: 2,
            begins: 2,
            room: None,
            least_most: 2,
            most: 2,
            fewest: 2,
            scaled_runs: 0,
            first_seconds: None,
        };
        assert_eq!(text(&calm), "autoscaler of api: begins with 2, and keeps them");
        let grown =
            ScalingReport { begins: 3, least_most: 5, most: 6, room: Some(4), ..calm.clone() };
        let grown =
            ScalingReport { fewest: 3, scaled_runs: 20, first_seconds: Some(75.0), ..grown };
        assert_eq!(
            text(&grown),
            "autoscaler of api: begins with 3 (2 stated) for the load before any change, wants up to 5 to 6; first \
             change after 1.25 min, in 20 runs; the node has room for 4 at the beginning"
        );
        let fallen =
            ScalingReport { fewest: 1, scaled_runs: 1, first_seconds: Some(360.0), ..calm };
        assert_eq!(
            text(&fallen),
            "autoscaler of api: begins with 2, wants as few as 1; first change after 6 min, in 1 run"
        );
    }
}
