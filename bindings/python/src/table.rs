//! Tables in Arrow's columns, which polars, pandas, pyarrow and DuckDB take over without a copy.

use std::ffi::c_int;
use std::sync::Arc;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, PrimitiveArray, RecordBatch,
    RecordBatchIterator, StringArray,
};
use arrow_buffer::Buffer;
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList};
use pyo3::{IntoPyObjectExt, ffi};

use crate::boundary::{InternalError, guarded};

/// A column on its way.
#[derive(FromPyObject)]
pub(crate) enum Column {
    #[pyo3(transparent)]
    Boolean(Vec<Option<bool>>),
    #[pyo3(transparent)]
    Integer(Vec<Option<i64>>),
    #[pyo3(transparent)]
    Float(Vec<Option<f64>>),
    #[pyo3(transparent)]
    Text(Vec<Option<String>>),
}

impl Column {
    fn array(self) -> ArrayRef {
        match self {
            Column::Boolean(values) => Arc::new(BooleanArray::from(values)),
            Column::Integer(values) => Arc::new(Int64Array::from(values)),
            Column::Float(values) => Arc::new(Float64Array::from(values)),
            Column::Text(values) => Arc::new(StringArray::from(values)),
        }
    }
}

/// A table. It never changes.
#[pyclass(frozen, name = "Table", module = "plimsoll._native")]
pub(crate) struct PyTable(RecordBatch);

fn fault(error: ArrowError) -> PyErr {
    InternalError::new_err(error.to_string())
}

impl PyTable {
    /// The table of these columns, which are equally long.
    pub(crate) fn of(columns: Vec<(String, Column)>) -> PyResult<Self> {
        let (names, arrays): (Vec<String>, Vec<ArrayRef>) =
            columns.into_iter().map(|(name, column)| (name, column.array())).unzip();
        let fields: Vec<Field> = names
            .into_iter()
            .zip(&arrays)
            .map(|(name, array)| Field::new(name, array.data_type().clone(), true))
            .collect();
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays);
        batch.map(PyTable).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    fn column(&self, name: &str) -> PyResult<&ArrayRef> {
        self.0.column_by_name(name).ok_or_else(|| PyKeyError::new_err(name.to_owned()))
    }
}

/// The array as one of its type, if it is one.
fn as_a<T: 'static>(array: &ArrayRef) -> Option<&T> {
    array.as_any().downcast_ref::<T>()
}

fn list<'py, T: IntoPyObject<'py>>(
    python: Python<'py>,
    values: impl ExactSizeIterator<Item = Option<T>>,
) -> PyResult<Bound<'py, PyList>> {
    PyList::new(python, values)
}

#[pymethods]
impl PyTable {
    /// Columns as (name, kind, values), where the kind is `boolean`, `integer`, `float` or `text`.
    #[new]
    fn new(columns: Vec<(String, String, Bound<'_, PyAny>)>) -> PyResult<Self> {
        let read = |(name, kind, values): (String, String, Bound<'_, PyAny>)| {
            let column = match kind.as_str() {
                "boolean" => Column::Boolean(values.extract()?),
                "integer" => Column::Integer(values.extract()?),
                "float" => Column::Float(values.extract()?),
                "text" => Column::Text(values.extract()?),
                other => return Err(PyValueError::new_err(format!("`{other}` is no kind"))),
            };
            Ok((name, column))
        };
        guarded(|| PyTable::of(columns.into_iter().map(read).collect::<PyResult<_>>()?))
    }

    fn __len__(&self) -> usize {
        self.0.num_rows()
    }

    /// Names and kinds of the columns.
    fn columns(&self) -> Vec<(String, &'static str)> {
        let kinds = [
            (DataType::Boolean, "boolean"),
            (DataType::Int64, "integer"),
            (DataType::Float64, "float"),
        ];
        let kind = |field: &Arc<Field>| {
            let found = kinds.iter().find(|(of, _)| of == field.data_type());
            found.map_or("text", |(_, kind)| kind)
        };
        let schema = self.0.schema();
        schema.fields().iter().map(|field| (field.name().clone(), kind(field))).collect()
    }

    /// The values of a column as a list.
    fn values<'py>(&self, python: Python<'py>, name: &str) -> PyResult<Bound<'py, PyList>> {
        let array = self.column(name)?;
        guarded(|| {
            if let Some(values) = as_a::<BooleanArray>(array) {
                list(python, values.iter())
            } else if let Some(values) = as_a::<Int64Array>(array) {
                list(python, values.iter())
            } else if let Some(values) = as_a::<Float64Array>(array) {
                list(python, values.iter())
            } else if let Some(values) = as_a::<StringArray>(array) {
                list(python, values.iter())
            } else {
                Err(InternalError::new_err("a column of an unknown kind"))
            }
        })
    }

    /// The memory of a numeric column without empty places, for numpy to look at; else `None`.
    fn buffer(&self, python: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        let array = self.column(name)?;
        let memory = (array.null_count() == 0).then(|| {
            let whole = as_a::<PrimitiveArray<Int64Type>>(array).map(|of| of.values().inner());
            let float = as_a::<PrimitiveArray<Float64Type>>(array).map(|of| of.values().inner());
            whole.or(float).cloned().map(PyBuffer)
        });
        memory.flatten().into_py_any(python)
    }

    /// The Arrow PyCapsule interface.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        python: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The protocol allows to give what there is, whatever was asked for.
        drop(requested_schema);
        let batches = vec![Ok(self.0.clone())];
        let reader = RecordBatchIterator::new(batches, self.0.schema());
        let stream = FFI_ArrowArrayStream::new(Box::new(reader));
        PyCapsule::new_with_value(python, stream, c"arrow_array_stream")
    }

    /// The schema alone.
    fn __arrow_c_schema__<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(self.0.schema().as_ref()).map_err(fault)?;
        PyCapsule::new_with_value(python, schema, c"arrow_schema")
    }
}

/// Memory that Python may look at and not change.
#[pyclass(frozen, name = "Buffer", module = "plimsoll._native")]
struct PyBuffer(Buffer);

#[pymethods]
impl PyBuffer {
    /// Python's buffer protocol.
    #[expect(unsafe_code, reason = "the buffer protocol is one of pointers")]
    unsafe fn __getbuffer__(
        slf: Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        let memory = &slf.get().0;
        let (start, length) = (memory.as_ptr().cast_mut().cast(), memory.len());
        let length = isize::try_from(length).map_err(|_| PyValueError::new_err("too long"))?;
        // SAFETY: the view keeps a reference to this object, which keeps the memory; it never changes,
        // and the view is read-only.
        let filled = unsafe { ffi::PyBuffer_FillInfo(view, slf.as_ptr(), start, length, 1, flags) };
        if filled == 0 { Ok(()) } else { Err(PyErr::fetch(slf.py())) }
    }
}
