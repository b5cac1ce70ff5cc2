//! Folders that are no bundles.

use super::Bundles;
use crate::files::pipe;

#[test]
fn folders_that_are_no_bundles() {
    let mut all = Bundles::new();
    for file in ["bundle.json", "encoder.onnx"] {
        let bundle = all.folder(|path| {
            std::fs::remove_file(path.join(file)).unwrap();
            pipe(path.join(file));
        });
        all.refused("a pipe", &bundle, "it is a pipe");
        let bundle = all.folder(|path| std::fs::remove_file(path.join(file)).unwrap());
        all.refused("a missing file", &bundle, "missing");
        let bundle = all.folder(|path| {
            std::fs::remove_file(path.join(file)).unwrap();
            std::fs::create_dir(path.join(file)).unwrap();
        });
        all.refused("a folder", &bundle, "it is a folder");
        let bundle = all.folder(|path| {
            std::fs::remove_file(path.join(file)).unwrap();
            std::os::unix::fs::symlink("/dev/zero", path.join(file)).unwrap();
        });
        all.refused("a device", &bundle, "it is a device");
        let bundle = all.folder(|path| {
            let file = std::fs::File::options().write(true).open(path.join(file)).unwrap();
            file.set_len(1 << 40).unwrap();
        });
        all.refused("a hole of a terabyte", &bundle, "error");
        let bundle = all.folder(|path| {
            std::fs::remove_file(path.join(file)).unwrap();
            std::os::unix::fs::symlink(path.join(file), path.join(file)).unwrap();
        });
        all.refused("a link to itself", &bundle, "error");
    }
    all.refused("no folder", &all.scratch.at("nowhere").clone(), "no such folder");
    all.refused("a file", &all.image.clone(), "not a folder");
    // A file is looked at, and is no model.
    all.cases.last_mut().unwrap().says.clear();
    all.check("bundles: folders that are no bundles", 14);
}
