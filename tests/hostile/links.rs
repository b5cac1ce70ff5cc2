//! Links, and what is no file, planted where outputs go.

use std::path::Path;

use super::case::{Case, add};
use super::files::{link, pipe};
use super::house::Scratch;
use super::tally::Tally;
use crate::arguments;

#[test]
fn links_in_an_output_folder_are_not_followed() {
    let scratch = Scratch::new();
    let good = scratch.slice("good.png");
    let outside = scratch.at("outside");
    std::fs::create_dir(&outside).unwrap();
    let kept = ["recon", "codes", "metrics", "npy", "likelihood", "png", "sample", "samples"];
    for name in kept {
        std::fs::write(outside.join(name), name).unwrap();
    }
    let out = scratch.at("out");
    std::fs::create_dir(&out).unwrap();
    let planted = [
        ("good.recon.png", "recon"),
        ("good.codes.png", "codes"),
        ("metrics.csv", "metrics"),
        ("good.npy", "npy"),
        ("likelihood.csv", "likelihood"),
        ("sample_0000.png", "sample"),
        ("sample_0000.npy", "samples"),
    ];
    let runs = |out: &Path| {
        [
            arguments!["infer", good, "--out", out].to_vec(),
            arguments!["encode", good, "--likelihood", "--out", out].to_vec(),
            arguments!["sample", "--count", "1", "--seed", "1", "--out", out].to_vec(),
        ]
    };
    let tally = Tally::new("links in an output folder");
    let all = |kind: &str, out: &Path, exit: i32| {
        let cases = runs(out).map(|arguments| Case::new(format!("{kind}: {:?}", arguments[0]), arguments, exit));
        cases.iter().for_each(|case| add(&tally, std::slice::from_ref(case)));
    };
    for kind in ["links", "broken links", "loops", "pipes", "links to devices"] {
        for (name, target) in planted {
            let path = out.join(name);
            let _ = std::fs::remove_file(&path);
            match kind {
                "links" => link(outside.join(target), path),
                "broken links" => link(outside.join("made"), path),
                "loops" => link(name, path),
                "links to devices" => link("/dev/full", path),
                _ => pipe(path),
            };
        }
        all(kind, &out, 0);
        for (name, _) in planted {
            assert!(std::fs::symlink_metadata(out.join(name)).unwrap().is_file(), "{kind}: {name}");
        }
    }
    for name in kept {
        assert_eq!(std::fs::read_to_string(outside.join(name)).unwrap(), name, "nothing outside has changed");
    }
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), kept.len(), "nothing outside is new");
    // What is decoded, too.
    let codes = out.join("good.npy");
    let decoded = scratch.at("decoded");
    std::fs::create_dir(&decoded).unwrap();
    link(outside.join("png"), decoded.join("good.png"));
    add(&tally, &[Case::new("decode", arguments!["decode", codes, "--out", decoded], 0)]);
    assert_eq!(std::fs::read_to_string(outside.join("png")).unwrap(), "png");
    // The folder itself may be a link, and a folder in the way of a file is told.
    let linked = link(&decoded, scratch.at("linked"));
    add(&tally, &[Case::new("infer", arguments!["infer", good, "--out", linked], 0)]);
    assert!(decoded.join("good.recon.png").is_file());
    std::fs::remove_file(out.join("good.recon.png")).unwrap();
    std::fs::create_dir(out.join("good.recon.png")).unwrap();
    let case = |what: &str, out: &Path| Case::new(what, arguments!["infer", good, "--out", out], 2);
    add(
        &tally,
        &[
            case("a folder in the way", &out).says("it is a folder"),
            case("a pipe", &pipe(scratch.at("pipe"))),
            case("a loop", &link("looped", scratch.at("looped"))),
            case("a device", Path::new("/dev/null")),
            case("a broken link", &link(scratch.at("nowhere"), scratch.at("broken"))),
        ],
    );
    tally.finish();
}
