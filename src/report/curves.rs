//! Curves over epochs or steps.

use plotters::prelude::*;

use crate::{Error, ErrorKind, Result};

/// Pixels of one panel.
const WIDTH: u32 = 760;
const HEIGHT: u32 = 300;
/// Okabe and Ito's colours, which colour-blind readers can tell apart too.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];

/// One curve.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    /// Its name in the legend.
    pub(crate) name: String,
    /// Points (x, y), joined in this order; those that are not finite are left out.
    pub(crate) points: Vec<(f64, f64)>,
}

/// Curves on one pair of axes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Panel {
    /// The title above the curves.
    pub(crate) title: String,
    /// The label of the x axis, such as `epoch`.
    pub(crate) x: String,
    /// The curves; a panel without any finite point is left empty.
    pub(crate) series: Vec<Series>,
}

/// An SVG document with the panels below each other.
///
/// # Errors
/// [`ErrorKind::Usage`] without panels; [`ErrorKind::Runtime`] if drawing fails.
pub(crate) fn curves(panels: &[Panel]) -> Result<String> {
    if panels.is_empty() {
        return Err(Error::new(
            ErrorKind::Usage,
            "cannot draw curves",
            "report",
            "found no panels, expected at least one",
        ));
    }
    let mut svg = String::new();
    {
        let size = (WIDTH, HEIGHT * panels.len() as u32);
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        root.fill(&WHITE).map_err(fail)?;
        for (area, panel) in root.split_evenly((panels.len(), 1)).iter().zip(panels) {
            draw(area, panel).map_err(fail)?;
        }
        root.present().map_err(fail)?;
    }
    Ok(svg)
}

fn fail(error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Runtime, "cannot draw curves", "report", error)
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type Drawn = std::result::Result<(), Box<dyn std::error::Error>>;

fn draw(area: &Area<'_>, panel: &Panel) -> Drawn {
    let curves: Vec<(&str, Vec<(f64, f64)>)> = panel
        .series
        .iter()
        .map(|series| {
            let finite = |(x, y): &(f64, f64)| x.is_finite() && y.is_finite();
            let points = series.points.iter().copied().filter(finite).collect();
            (series.name.as_str(), points)
        })
        .collect();
    let points = || curves.iter().flat_map(|(_, points)| points);
    if points().next().is_none() {
        area.titled(&format!("{}: nothing yet", panel.title), ("sans-serif", 16))?;
        return Ok(());
    }
    let x_range = range(points().map(|point| point.0), 0.0);
    let y_range = range(points().map(|point| point.1), 0.05);
    let mut chart = ChartBuilder::on(area)
        .caption(&panel.title, ("sans-serif", 16))
        .margin(10)
        .x_label_area_size(34)
        .y_label_area_size(64)
        .build_cartesian_2d(x_range.0..x_range.1, y_range.0..y_range.1)?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .bold_line_style(RGBColor(226, 226, 226))
        .x_desc(&panel.x)
        .y_label_formatter(&|value| label(*value))
        .x_label_formatter(&|value| label(*value))
        .draw()?;
    for ((name, points), colour) in curves.into_iter().zip(COLOURS.into_iter().cycle()) {
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.8))
        .border_style(RGBColor(200, 200, 200))
        .draw()?;
    Ok(())
}

/// The lowest and the highest value, with a margin of `margin` times their distance on either side; never equal.
fn range(values: impl Iterator<Item = f64>, margin: f64) -> (f64, f64) {
    let (low, high) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low < high {
        let space = margin * (high - low);
        (low - space, high + space)
    } else {
        let space = if low == 0.0 { 1.0 } else { 0.05 * low.abs() };
        (low - space, high + space)
    }
}

/// A number with up to four decimals, without trailing zeros; very large and small ones with an exponent.
fn label(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e5).contains(&size) {
        return format!("{value:.2e}");
    }
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str, points: &[(f64, f64)]) -> Series {
        Series { name: name.into(), points: points.to_vec() }
    }

    #[test]
    fn curves_skip_what_is_not_finite() {
        let panel = |series: Vec<Series>| Panel { title: "loss & more".into(), x: "epoch".into(), series };
        let svg = curves(&[
            panel(vec![
                series("train", &[(1.0, 0.5), (2.0, f64::NAN), (3.0, 0.25)]),
                series("validate", &[(1.0, 0.6)]),
            ]),
            panel(vec![series("nothing", &[(1.0, f64::INFINITY)])]),
            panel(vec![series("level", &[(1.0, 2.0), (2.0, 2.0)])]),
        ])
        .unwrap();
        assert!(svg.trim_start().starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        for text in ["train", "validate", "epoch", "loss &amp; more", "loss &amp; more: nothing yet"] {
            assert!(svg.contains(text), "{text}");
        }
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
        assert_eq!(
            curves(&[]).unwrap_err().message(),
            "cannot draw curves: report: found no panels, expected at least one"
        );
    }
}
