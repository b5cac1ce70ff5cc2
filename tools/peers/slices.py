"""Data folders that `oasis` opens, made of links to slices that are elsewhere."""

from measure import CouldNotRun, run

TEST = "keras_png_slices_test"
POSITIONS = 32


def test_slices(data):
    """The files of the test split, by name."""
    folder = data / TEST
    files = sorted(path for path in folder.iterdir() if not path.name.startswith(".")) if folder.is_dir() else []
    if not files:
        raise CouldNotRun(f"no slices in {TEST} of the folder given as --data")
    return files


def phantoms(oasis, root, subjects):
    """A data folder under `root` whose test split is every slice of made-up subjects."""
    made = root / "phantoms"
    run(oasis, "data", "phantom", "--subjects", subjects, "--seed", 1, "--out", made, "-q")
    data = root / "data"
    link(data, sorted(made.glob("*/case_*")))
    return data


def many(files, root, count):
    """A data folder whose test split is `count` slices: `files` over and over, as subjects of 32 slices each."""
    link(root, [files[index % len(files)] for index in range(count)])
    return root


def link(root, files):
    """A data folder of links to `files`, named as subjects 1, 2, 3 and on."""
    folder = root / TEST
    folder.mkdir(parents=True)
    for index, file in enumerate(files):
        case, position = divmod(index, POSITIONS)
        suffix = file.name.split(".", 1)[1]
        (folder / f"case_{case + 1:03}_slice_{position}.{suffix}").symlink_to(file.resolve())
