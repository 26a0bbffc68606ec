use std::fs;

use super::*;

/// A folder of its own that is gone after the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("plimsoll-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("sub")).expect("a folder");
        Folder(path)
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).expect("a file");
        path.display().to_string()
    }

    fn load(&self, files: &[&str]) -> Result<Inputs, Failure> {
        let files = files.iter().map(|name| self.0.join(name).display().to_string()).collect();
        load(&PlanArguments { files, ..PlanArguments::default() })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn message<T>(result: Result<T, Failure>) -> String {
    match result {
        Ok(_) => panic!("this should have failed"),
        Err(failure) => {
            let page = failure.page(crate::render::layout::Symbols::Ascii);
            anstream::adapter::strip_str(&page).to_string()
        }
    }
}

#[test]
fn a_folder_stands_for_its_default_files() {
    let folder = Folder::new("default");
    folder.file("docker-compose.yml", "services: {}");
    folder.file("docker-compose.override.yaml", "services: {}");
    let found = default::find(&folder.0, &BTreeMap::new()).expect("files");
    assert_eq!(found.len(), 2);
    folder.file("compose.yaml", "services: {}");
    let found = default::find(&folder.0, &BTreeMap::new()).expect("files");
    let names = ["compose.yaml", "docker-compose.override.yaml"];
    assert_eq!(found, names.map(|name| folder.0.join(name).display().to_string()));
    folder.file("compose.override.yml", "services: {}");
    let found = default::find(&folder.0, &BTreeMap::new()).expect("files");
    assert_eq!(found[1..], [folder.0.join("compose.override.yml").display().to_string()]);
}

#[test]
fn the_variable_names_the_files_of_a_folder() {
    let folder = Folder::new("stated");
    let find = |file: &str, separator: &str| {
        let pairs = [("COMPOSE_FILE", file), ("COMPOSE_PATH_SEPARATOR", separator)];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        default::find(&folder.0, &BTreeMap::from(pairs))
    };
    let paths = |names: [&str; 2]| names.map(|name| folder.0.join(name).display().to_string());
    let system = if cfg!(windows) { "a.yaml;sub/b.yaml" } else { "a.yaml:sub/b.yaml" };
    assert_eq!(find(system, "").expect("files"), paths(["a.yaml", "sub/b.yaml"]));
    assert_eq!(find("./a.yaml,b.yaml", ",").expect("files"), paths(["a.yaml", "b.yaml"]));
    for escape in ["../a.yaml", "sub/../../a.yaml", "/etc/passwd"] {
        assert!(message(find(escape, ",")).contains("outside"), "{escape}");
    }
}

#[test]
fn an_empty_folder_is_nothing_to_check() {
    let folder = Folder::new("empty");
    let failure = default::find(&folder.0, &BTreeMap::new()).expect_err("nothing");
    assert_eq!(failure.exit().code(), 4);
    folder.file("kustomization.yaml", "resources: []");
    let failure = default::find(&folder.0, &BTreeMap::new()).expect_err("nothing");
    let Failure::Nothing { hint, .. } = failure else { panic!("{failure:?}") };
    assert!(hint.contains("kubectl kustomize FOLDER | plimsoll check -"), "{hint}");
}

#[test]
fn a_missing_file_may_be_a_ready_scenario() {
    assert!(read("django-512mb").is_ok_and(|text| text.contains("services")));
    assert!(message(read("django-512")).contains("did you mean the scenario `django-512mb"));
}

#[test]
fn what_is_no_text_is_refused_with_its_line() {
    let folder = Folder::new("binary");
    let path = folder.file("a.yaml", b"services:\n  \xff\xfe\n");
    assert!(message(read(&path)).contains("line 2"));
}

#[test]
fn a_huge_file_is_refused() {
    let endless = std::io::repeat(b'#');
    assert!(message(text_of("huge.yaml", endless)).contains("larger than 4 MiB"));
}

#[test]
fn a_file_counts_once() {
    let folder = Folder::new("twice");
    folder.file("a.yaml", "services: {}");
    assert!(message(folder.load(&["a.yaml", "a.yaml"])).contains("named twice"));
}

#[test]
fn variables_come_from_the_file_beside_the_plan() {
    let folder = Folder::new("variables");
    folder.file("compose.yaml", "services: {}");
    folder.file(".env", "PLIMSOLL_TEST_SIZE=64m\nPATH=overridden\n");
    let environment = folder.load(&["compose.yaml"]).expect("inputs").sources.environment;
    assert_eq!(environment["PLIMSOLL_TEST_SIZE"], "64m");
    assert_ne!(environment["PATH"], "overridden", "the process wins over the file");
}

#[test]
fn references_stay_inside_the_folder() {
    let folder = Folder::new("references");
    let text = "services:\n  api:\n    image: nginx\n    env_file: sub/api.env\n";
    folder.file("compose.yaml", text);
    folder.file("sub/api.env", "A=1\n");
    let inputs = folder.load(&["compose.yaml"]).expect("inputs");
    let names: Vec<&String> = inputs.sources.referenced.keys().collect();
    assert_eq!(names.len(), 1);
    assert!(names[0].ends_with("sub/api.env"));
    let escape = text.replace("sub/api.env", "../../../../../../../etc/passwd");
    folder.file("compose.yaml", escape);
    assert!(message(folder.load(&["compose.yaml"])).contains("outside"));
}
