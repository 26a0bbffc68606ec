//! Says when the embedded page of the planner is another one.

fn main() {
    let page = "../web/dist";
    let watched = if std::path::Path::new(page).exists() { page } else { "../web" };
    println!("cargo::rerun-if-changed={watched}");
}
