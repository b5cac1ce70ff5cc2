//! Manifests that lie.

use serde_json::json;

use super::Bundles;

#[test]
fn manifests_that_lie() {
    let mut all = Bundles::new();
    let good = std::fs::read_to_string(all.good.join("bundle.json")).unwrap();
    all.manifest("a grid of 2^20", "grid", |json| json["grid"] = json!([1 << 20, 1 << 20]));
    all.manifest("a grid of one side", "bundle.json", |json| json["grid"] = json!([4]));
    all.manifest("a codebook of 10^10", "codebook_size", |json| json["codebook_size"] = json!(10_000_000_000_u64));
    all.manifest("a huge codeword", "latent_dim", |json| json["latent_dim"] = json!(u64::MAX));
    all.manifest("a negative size", "manifest", |json| json["latent_dim"] = json!(-4));
    all.manifest("a float for a size", "manifest", |json| json["latent_dim"] = json!(4.0));
    all.manifest("a text for a size", "manifest", |json| json["codebook_size"] = json!("8"));
    all.manifest("a list for a text", "manifest", |json| json["run"] = json!(["toy"]));
    all.manifest("a long run", "found run", |json| json["run"] = json!("r".repeat(500_000)));
    all.manifest("another image", "image", |json| json["image"] = json!([1 << 30, 1 << 30]));
    all.manifest("classes by the thousands", "condition", |json| {
        json["condition"]["classes"] = json!(vec!["x"; 10_000]);
    });
    all.manifest("another vocabulary", "condition", |json| json["condition"]["slice_any"] = json!(i64::MIN));
    all.manifest("a schema of later", "schema version 2", |json| json["schema_version"] = json!(2));
    all.manifest("a schema of nothing", "manifest", |json| json["schema_version"] = json!(null));
    all.manifest("a role without a file", "missing", |json| {
        json["files"]["critic"] = json!({ "file": "critic.onnx", "bytes": 1, "sha256": "00" });
    });
    all.manifest("roles by the thousands", "found 10004 files, expected at most 32", |json| {
        for n in 0..10_000 {
            json["files"][format!("r{n}")] = json!({ "file": format!("{n}.onnx"), "bytes": 1, "sha256": "00" });
        }
    });
    all.manifest("no encoder", "no file of role `encoder`", |json| {
        drop(json["files"].as_object_mut().unwrap().remove("encoder"));
    });
    for (size, says) in
        [(0, "found a size of"), (1 << 20, "found a size of"), (1 << 40, "128 MiB"), (u64::MAX, "128 MiB")]
    {
        all.manifest("a size that is not so", says, |json| json["files"]["prior"]["bytes"] = json!(size));
    }
    all.manifest("two files of all there is", "128 MiB", |json| {
        for role in ["prior", "decoder"] {
            json["files"][role]["bytes"] = json!(u64::MAX);
        }
    });
    all.manifest("a negative size of a file", "manifest", |json| json["files"]["prior"]["bytes"] = json!(-1));
    all.manifest("another hash", "sha256", |json| json["files"]["prior"]["sha256"] = json!("0".repeat(64)));
    all.manifest("a long hash", "sha256", |json| json["files"]["prior"]["sha256"] = json!("0".repeat(500_000)));
    all.manifest("one file for two roles", "two roles", |json| {
        json["files"]["decoder"] = json["files"]["encoder"].clone()
    });
    let paths = [
        "../good/encoder.onnx",
        "/etc/passwd",
        "./encoder.onnx",
        "encoder.onnx/",
        "a/../encoder.onnx",
        "..",
        ".",
        "",
        "/",
        ".hidden",
        "a\\b",
        "a\nb",
        "a\0b",
        "a\u{1b}[2Jb",
    ];
    for path in paths {
        all.manifest("a path", "not a plain file name", |json| json["files"]["encoder"]["file"] = json!(path));
    }
    let long = "n".repeat(300);
    all.manifest("a long path", "not a plain file name", |json| json["files"]["encoder"]["file"] = json!(long));
    for role in ["../../up", "a/b", "", "a b", "r\u{e9}", "x\nhint: run this"] {
        all.manifest("a role that is a path", "found role", |json| {
            json["files"][role] = json!({ "file": "x.onnx", "bytes": 1, "sha256": "00" });
        });
    }
    all.text("a key twice", "is there twice", good.replacen("\"grid\"", "\"image\": [1, 1], \"grid\"", 1).as_bytes());
    let twice =
        good.replacen("\"files\": {", "\"files\": {\"prior\": {\"file\": \"a\", \"bytes\": 1, \"sha256\": \"0\"},", 1);
    all.text("a role twice", "is there twice", twice.as_bytes());
    all.text("an unknown key twice", "is there twice", good.replacen('{', "{\"x\": 1, \"x\": 2,", 1).as_bytes());
    all.text("depth", "recursion", format!("{{\"x\": {}", "[".repeat(500_000)).as_bytes());
    all.text(
        "depth that closes",
        "recursion",
        good.replacen('{', &format!("{{\"x\": {}{},", "[".repeat(5000), "]".repeat(5000)), 1).as_bytes(),
    );
    all.text("not a number", "manifest", good.replacen("\"grid\"", "\"x\": NaN, \"grid\"", 1).as_bytes());
    all.text("a number beyond floats", "manifest", good.replacen("\"grid\"", "\"x\": 1e999, \"grid\"", 1).as_bytes());
    all.text("text that is not UTF-8", "manifest", &[b"{\"x\": \"\xff\",", &good.as_bytes()[1..]].concat());
    all.text("two bytes a letter", "manifest", &good.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    all.text("more than a megabyte", "larger than 1 MiB", &vec![b' '; 2 << 20]);
    for (name, text) in [
        ("nothing", ""),
        ("a list", "[]"),
        ("a number", "1"),
        ("nothing in it", "{}"),
        ("cut", &good[..good.len() / 2]),
    ] {
        all.text(name, "manifest", text.as_bytes());
    }
    all.text("more after it", "trailing", format!("{good}{good}").as_bytes());
    all.check("bundles: manifests that lie", 60);
}
