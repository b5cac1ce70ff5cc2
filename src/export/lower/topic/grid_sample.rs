//! Sampling of images at the positions of a grid.

use burn::backend::ir::{GridSample2dOpIr, GridSamplePaddingModeIr, InterpolateModeIr};

use crate::export::lower::emit::{Context, Lowered, int, text, wide};

pub(crate) fn grid_sample(cx: &mut Context, op: &GridSample2dOpIr) -> Lowered {
    let (value, dtype) = wide::read_whole(cx, &op.tensor)?;
    let (grid, _) = wide::read_whole(cx, &op.grid)?;
    let mode = match op.options.mode {
        InterpolateModeIr::Nearest => "nearest",
        InterpolateModeIr::Bilinear => bilinear(cx),
        InterpolateModeIr::Bicubic if cx.opset >= 20 => "cubic",
        InterpolateModeIr::Bicubic => "bicubic",
        InterpolateModeIr::NearestExact | InterpolateModeIr::Lanczos3 => {
            return Err("ONNX samples grids by the nearest neighbour, bilinearly or bicubically".into());
        }
    };
    let padding = match op.options.padding_mode {
        GridSamplePaddingModeIr::Zeros => "zeros",
        GridSamplePaddingModeIr::Border => "border",
        GridSamplePaddingModeIr::Reflection => "reflection",
    };
    let attributes = [
        ("mode", text(mode)),
        ("padding_mode", text(padding)),
        ("align_corners", int(op.options.align_corners.into())),
    ];
    let value = cx.node("GridSample", &[&value, &grid], &attributes);
    wide::bind(cx, &op.out, &value, dtype)
}

/// The name of bilinear sampling in `GridSample`, by operator set.
pub(crate) fn bilinear(cx: &Context) -> &'static str {
    if cx.opset >= 20 { "linear" } else { "bilinear" }
}
