-- The rows r of one part of the import @id: stripes of the file, so that its order is kept.
r.import_id = @id AND r.line > @from AND r.line <= @to AND r.line / 5000 % @lanes = @lane
