//! How volumes are cut into slices.

use clap::ValueEnum;
use oasis::data::import::Slab;
use oasis::data::{Axes, Scale};
use oasis::jobs::Cut;

/// How volumes (NIfTI, Analyze) are cut into slices.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct CutArgs {
    /// Of volumes: where the 32 slices begin, a slice counted from the lowest (79) or a height (-3mm) [default: 79 on the
    /// discs of OASIS-1, -3mm in an atlas]
    #[arg(long, value_name = "FIRST", allow_hyphen_values = true)]
    pub slab: Option<Slab>,
    /// Of volumes: what white is, the highest value of each slice, as in the public sets, or of the whole slab
    #[arg(long, value_enum, default_value_t = ScaleArg::Slice)]
    scale: ScaleArg,
    /// Of volumes: which way the axes of the files run, whatever their headers say; three letters such as LAS
    #[arg(long, value_name = "XYZ", value_parser = parse_axes)]
    pub axes: Option<Axes>,
    /// Of volumes: all lie in MNI's or Talairach's space, whatever their headers say
    #[arg(long)]
    pub registered: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ScaleArg {
    Slice,
    Volume,
}

impl CutArgs {
    /// What white is.
    pub fn scale(self) -> Scale {
        match self.scale {
            ScaleArg::Slice => Scale::Slice,
            ScaleArg::Volume => Scale::Volume,
        }
    }

    /// As the library takes it.
    pub fn cut(self) -> Cut {
        Cut { slab: self.slab, scale: self.scale(), axes: self.axes, registered: self.registered }
    }
}

fn parse_axes(text: &str) -> Result<Axes, String> {
    Axes::parse(text).ok_or_else(|| format!("found {text:?}, expected one each of R or L, A or P, S or I, such as RAS"))
}
