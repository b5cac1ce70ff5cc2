//! Images, one by one and in batches.

use ndarray::{Array4, ArrayView2, s};

use crate::bundle::IMAGE;
use crate::{Error, ErrorKind, Result, Subject};

/// Images `[256, 256]` as the batch `[n, 1, 256, 256]` that an encoder takes.
///
/// # Errors
/// [`ErrorKind::Input`] for an image of another shape.
pub fn stack_images<'a>(images: impl IntoIterator<Item = ArrayView2<'a, f32>>) -> Result<Array4<f32>> {
    let images: Vec<_> = images.into_iter().collect();
    let mut batch = Array4::zeros((images.len(), 1, IMAGE[0], IMAGE[1]));
    for (index, image) in images.iter().enumerate() {
        if image.shape() != IMAGE {
            let why = format!("image {index}: found shape {:?}, expected {IMAGE:?}", image.shape());
            return Err(Error::new(ErrorKind::Input, "cannot use values", Subject::tensor("image"), why));
        }
        batch.slice_mut(s![index, 0, .., ..]).assign(image);
    }
    Ok(batch)
}

/// Image `index`, `[256, 256]`, of a batch `[n, 1, 256, 256]`.
///
/// # Panics
/// If the batch has no such image.
pub fn image_at(images: &Array4<f32>, index: usize) -> ArrayView2<'_, f32> {
    images.slice(s![index, 0, .., ..])
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn images_come_out_of_a_batch_as_they_went_in() {
        let images = [1.0, 2.0].map(|value| Array2::from_elem((IMAGE[0], IMAGE[1]), value));
        let batch = stack_images(images.iter().map(|image| image.view())).unwrap();
        assert_eq!(batch.dim(), (2, 1, 256, 256));
        assert_eq!((image_at(&batch, 0), image_at(&batch, 1)), (images[0].view(), images[1].view()));
        let small = Array2::zeros((16, 256));
        let error = stack_images([images[0].view(), small.view()]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Input);
        assert_eq!(error.why(), "image 1: found shape [16, 256], expected [256, 256]");
    }
}
