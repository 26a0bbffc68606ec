//! The planner, served from inside this program: the page is embedded in it, and the plan of the command
//! line is handed over as one more file of the page. Nothing but this machine can reach it.

mod server;

use std::io;
use std::net::{Ipv4Addr, TcpListener};

use rust_embed::Embed;
use serde_json::json;

use crate::arguments::PlanArguments;
use crate::engine::{Effort, overrides};
use crate::failure::Failure;
use crate::files;
use crate::output;

/// What `npm run build` made of the page. A debug build reads the folder while it runs.
#[derive(Embed)]
#[folder = "../web/dist"]
#[allow_missing = true]
struct Page;

/// Where the page finds the plan of the command line.
const HANDED: &str = "plan.json";

/// The plan and its options, as the page reads them: the two arguments of the engine's functions on text.
/// Of the variables only those that a text names are handed on, since the others are nobody's business.
///
/// # Errors
/// A file that cannot be read.
pub(crate) fn handed(plan: &PlanArguments, effort: Option<Effort>) -> Result<String, Failure> {
    let sources = files::load(plan)?.sources;
    let mut texts = sources.files.into_iter().map(|file| (file.name, file.text));
    let (name, text) = texts.next().unwrap_or_default();
    let further: Vec<(String, String)> = texts.collect();
    let all =
        || further.iter().map(|(_, text)| text).chain([&text]).chain(sources.referenced.values());
    // The engine reads this one itself, where no profile is named.
    let is_named = |variable: &str| {
        variable == "COMPOSE_PROFILES" || all().any(|text| text.contains(variable))
    };
    let environment: serde_json::Map<_, _> = sources
        .environment
        .iter()
        .filter(|(variable, _)| is_named(variable))
        .map(|(variable, value)| (variable.clone(), json!(value)))
        .collect();
    let mut options = json!({
        "name": name,
        "files": further,
        "referenced": sources.referenced,
        "environment": environment,
        "profiles": sources.profiles,
        "overrides": overrides(plan),
    });
    if let Some(effort) = effort {
        options["seed"] = json!(effort.seed.to_string());
        options["max_events"] = json!(effort.max_events);
        if let crate::arguments::Runs::Fixed(runs) = effort.runs {
            options["runs"] = json!(runs);
        }
    }
    Ok(json!({ "text": text, "options": options }).to_string())
}

/// Asked before a simulation and not after it.
///
/// # Errors
/// If this program was built without the page.
pub(crate) fn is_there() -> Result<(), Failure> {
    if Page::get("index.html").is_some() {
        return Ok(());
    }
    Err(Failure::with_hint(
        "this plimsoll was built without the planner",
        "run `npm ci && npm run build` in web/, then build plimsoll again",
    ))
}

/// Serves the page, with a plan or without, until Ctrl-C.
///
/// # Errors
/// If this program was built without the page, or the port is taken.
pub(crate) fn serve(plan: Option<String>, port: u16, opens: bool) -> Result<(), Failure> {
    is_there()?;
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| served(port, error))?;
    let port = listener.local_addr().map_err(|error| served(port, error))?.port();
    let fragment = if plan.is_some() { "#handed" } else { "" };
    let address = format!("http://127.0.0.1:{port}/{fragment}");
    output::talk(&format!("planner: {address}  (Ctrl-C ends it)\n"));
    if opens && let Err(error) = webbrowser::open(&address) {
        output::talk(&format!("note: no browser could be opened ({error})\n"));
    }
    server::run(listener, server::Served { page, plan, port }).map_err(|error| served(port, error))
}

/// A file of the page: its kind and its bytes.
fn page(path: &str) -> Option<server::File> {
    let file = Page::get(path)?;
    Some(server::File { kind: file.metadata.mimetype().to_owned(), bytes: file.data })
}

fn served(port: u16, error: io::Error) -> Failure {
    Failure::Output { place: format!("127.0.0.1:{port}"), error }
}
