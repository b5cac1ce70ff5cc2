//! Bad input: a clear error and a hint, the right exit code, nothing half-written.

use std::fs;

use super::house::{Scratch, oasis};
use crate::arguments;

#[test]
fn a_bad_image_is_refused_by_name() {
    let scratch = Scratch::new();
    let whole = fs::read(scratch.slice("whole.png")).unwrap();
    let bad = [
        (scratch.file("empty.png", b""), "cannot read slice", "the file is empty"),
        (scratch.file("text.png", b"hello"), "cannot read slice", "it looks like text, expected a PNG or JPEG image"),
        (scratch.file("cut.png", &whole[..whole.len() / 2]), "cannot read slice", "the file is truncated"),
        (scratch.grey("large.png", 300, 300), "slice too large", "it is 300x300, expected at most 256x256"),
        (scratch.at("missing.png"), "cannot read input", "no such file or folder"),
    ];
    for (path, what, why) in bad {
        let out = scratch.at("out");
        let ran = oasis(arguments!["infer", path, "--out", out]);
        let error = format!("error: {what}: {}: {why}\n", path.display());
        assert!(ran.refused().starts_with(&error), "{error} is not at the start of {}", ran.stderr);
        assert!(!out.exists(), "{} left {}", path.display(), out.display());
    }
    let resized = oasis(arguments!["infer", scratch.at("large.png"), "--resize", "--out", scratch.at("out")]);
    assert_eq!(resized.code, 0, "{}", resized.stderr);
    assert_eq!(image::image_dimensions(scratch.at("out").join("large.recon.png")).unwrap(), (300, 300));
}

#[test]
fn in_a_batch_the_good_ones_are_done() {
    let scratch = Scratch::new();
    let (good, bad) = (scratch.slice("good.png"), scratch.file("bad.png", b"hello"));
    let out = scratch.at("out");
    let ran = oasis(arguments!["infer", bad, good, scratch.at("missing.png"), "--out", out]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    for (path, error) in [(&bad, "cannot read slice"), (&scratch.at("missing.png"), "cannot read input")] {
        assert!(ran.stderr.contains(&format!("error: {error}: {}: ", path.display())), "{}", ran.stderr);
    }
    assert!(out.join("good.recon.png").is_file() && !out.join("bad.recon.png").exists());
    assert_eq!(oasis(arguments!["encode", bad, good, "--out", out]).code, 1);
    // A header that promises 8 TB.
    let header = b"\x93NUMPY\x01\x00\x48\x00{'descr': '<i8', 'fortran_order': False, 'shape': (1000000, 1000000), }\n";
    let huge = scratch.file("huge.npy", header);
    let ran = oasis(arguments!["decode", bad, huge, out.join("good.npy"), "--out", out]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let error =
        format!("cannot read codes: {}: found shape [1000000, 1000000] and 0 bytes of values, ", huge.display());
    assert!(ran.stderr.contains(&error), "{}", ran.stderr);
    assert!(out.join("good.png").is_file());
}

#[test]
fn an_empty_folder_is_refused() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.at("empty")).unwrap();
    let empty = scratch.at("empty");
    let images = format!("error: no images: {}: the folder holds no PNG or JPEG file\n", empty.display());
    let dataset = format!(
        "error: no dataset: {}: none of keras_png_slices_train, keras_png_slices_validate and keras_png_slices_test is \
         in it\n",
        empty.display()
    );
    let refused = |arguments: &[std::ffi::OsString], error: &str| {
        let ran = oasis(arguments);
        assert!(ran.refused().starts_with(error), "{}", ran.stderr);
    };
    refused(&arguments!["infer", empty, "--out", scratch.at("out")], &images);
    refused(&arguments!["eval", "--data", empty], &dataset);
    refused(&arguments!["data", "check", empty], &dataset);
}

#[test]
fn a_damaged_bundle_is_refused_before_anything_runs() {
    let scratch = Scratch::new();
    let slice = scratch.slice("brain.png");
    let infer = |bundle: &str| {
        let ran = oasis(arguments!["infer", slice, "--bundle", scratch.at(bundle), "--out", scratch.at("out")]);
        let error = ran.refused().to_owned();
        assert!(!scratch.at("out").exists());
        error
    };
    assert!(infer("nowhere").contains("nowhere"));

    let bundle = scratch.bundle("without");
    fs::remove_file(bundle.join("decoder.onnx")).unwrap();
    assert!(infer("without").contains("decoder.onnx"));

    let bundle = scratch.bundle("changed");
    let mut bytes = fs::read(bundle.join("encoder.onnx")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(bundle.join("encoder.onnx"), bytes).unwrap();
    assert!(infer("changed").contains("sha256"));

    let bundle = scratch.bundle("garbled");
    fs::write(bundle.join("bundle.json"), b"{").unwrap();
    assert!(infer("garbled").contains("bundle.json"));
}

#[test]
fn engines_that_cannot_run_say_why() {
    let scratch = Scratch::new();
    let slice = scratch.slice("brain.png");
    let infer = |backend: &str, more: &[std::ffi::OsString]| {
        let mut arguments = arguments!["infer", slice, "--out", scratch.at("out"), "--backend", backend].to_vec();
        arguments.extend_from_slice(more);
        oasis(arguments).refused().to_owned()
    };
    assert!(infer("nonsense", &[]).contains("nonsense"));
    #[cfg(feature = "ort")]
    {
        let library = scratch.file("libonnxruntime.so", b"no library");
        assert!(infer("ort", &arguments!["--ort-lib", library]).contains("libonnxruntime.so"));
        assert!(infer("ort", &arguments!["--ort-lib", scratch.at("none.so")]).contains("none.so"));
        infer("ort-cuda", &arguments!["--ort-lib", library]);
        let doctor = oasis(arguments!["doctor", "--backend", "ort", "--ort-lib", library]);
        assert_eq!(doctor.code, 2, "{}", doctor.stderr);
        assert!(doctor.stdout.contains("not available"), "{}", doctor.stdout);
    }
    assert!(!scratch.at("out").exists());
}

#[test]
fn sampling_outside_the_vocabulary_is_refused() {
    let scratch = Scratch::new();
    let out = scratch.at("out.png");
    let bad: [(&[&str], &str); 10] = [
        (&["--slice", "33"], "--slice: found 33, expected 0 to 31, or 32 for any\n"),
        (&["--slice", "-1"], "--slice: found -1, expected 0 to 31, or 32 for any\n"),
        (&["--cdr", "7"], "invalid value '7' for '--cdr <C>': expected 0, 0.5, 1, 2 or 3\n"),
        (&["--cdr", "0.7"], "invalid value '0.7' for '--cdr <C>': expected 0, 0.5, 1, 2 or 3\n"),
        (&["--temperature", "-1"], "--temperature: found -1, expected "),
        (&["--temperature", "NaN"], "--temperature: found NaN, expected "),
        (&["--top-k", "0"], "--top-k: found 0, expected a number from 1 to 1024\n"),
        (&["--top-p", "1.5"], "--top-p: found 1.5, expected a number above 0 and up to 1\n"),
        (&["--count", "0"], "invalid value '0' for '--count <N>': 0 is not in 1..=4096\n"),
        (&["--rows", "3"], "the following required arguments were not provided: --given <FILE.npy>\n"),
    ];
    for (more, why) in bad {
        let mut arguments = arguments!["sample", "--count", "1", "--out", out].to_vec();
        if more[0] == "--count" {
            arguments.drain(1..3);
        }
        arguments.extend(more.iter().map(Into::into));
        let ran = oasis(&arguments);
        assert!(ran.refused().contains(why), "{why} is not in {}", ran.stderr);
        assert!(!out.exists(), "{more:?}");
    }
}

#[test]
fn usage_errors_have_a_hint() {
    let bad: [(&[&str], &str); 4] = [
        (&["nonsense"], "oasis: unrecognized subcommand 'nonsense'\n"),
        (&["infer"], "the following required arguments were not provided: --out <DIR> <INPUT>...\n"),
        (&["eval"], "--data <DIR>: the following required arguments were not provided: --data <DIR>\n"),
        (&["sample", "--nonsense"], "--nonsense: unexpected argument '--nonsense' found\n"),
    ];
    for (arguments, why) in bad {
        let ran = oasis(arguments);
        assert!(ran.refused().starts_with("error: bad usage: ") && ran.stderr.contains(why), "{}", ran.stderr);
    }
    let scratch = Scratch::new();
    let slice = scratch.slice("brain.png");
    assert!(oasis(arguments!["parity", "--backends", "tract,tract", slice]).refused().contains("one engine"));
    let shard = oasis(arguments!["eval", "--data", scratch.at("none"), "--shard", "3/2"]);
    let why = "found \"3/2\", expected I/N with I from 0 or 1 up to N, such as 1/4\n";
    assert!(shard.refused().contains(why), "{}", shard.stderr);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_refused() {
    let scratch = Scratch::new();
    let slice = scratch.slice("brain.png");
    let file = scratch.file("file", b"");
    let ran = oasis(arguments!["infer", slice, "--out", file.join("below")]);
    let error = format!("error: cannot make folder: {}: Not a directory (os error 20)\n", file.join("below").display());
    assert!(ran.refused().starts_with(&error), "{}", ran.stderr);
}
