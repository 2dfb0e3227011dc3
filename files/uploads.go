package files

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"suivi/blobs"
	"suivi/domain"
)

// MaxWaiting is how many uploads a person may have that nothing has claimed.
const MaxWaiting = 100

// upload is a row of uploads.
type upload struct {
	ID            domain.AttachmentID `db:"id"`
	Owner         domain.UserID       `db:"owner"`
	Name          string              `db:"name"`
	Size          int64               `db:"size"`
	Type          string              `db:"type"`
	Hash          string              `db:"hash"`
	Width         int                 `db:"width"`
	Height        int                 `db:"height"`
	Thumbnail     string              `db:"thumbnail"`
	ThumbnailType string              `db:"thumbnail_type"`
	UsedAt        time.Time           `db:"used_at"`
}

func newUpload(owner domain.UserID, f domain.File, now time.Time) upload {
	u := upload{ID: f.ID, Owner: owner, Name: f.Name, Size: f.Size, Type: f.Type, Hash: f.Hash, UsedAt: now}
	if p := f.Picture; p != nil {
		u.Width, u.Height, u.Thumbnail, u.ThumbnailType = p.Width, p.Height, p.Thumbnail, p.ThumbnailType
	}
	return u
}

func (u upload) file() domain.File {
	f := domain.File{ID: u.ID, Name: u.Name, Size: u.Size, Type: u.Type, Hash: u.Hash}
	if u.Thumbnail != "" {
		f.Picture = &domain.Picture{Width: u.Width, Height: u.Height, Thumbnail: u.Thumbnail, ThumbnailType: u.ThumbnailType}
	}
	return f
}

// keep notes that the blob is about to be used, then writes it. In this order: a
// collection that is taking it away is waited for, and a later one leaves it.
func (f *Files) keep(ctx context.Context, d *draft) error {
	_, err := f.cfg.DB.Write.ExecContext(ctx, `
		INSERT INTO blobs (hash, used_at) VALUES ($1, $2) ON CONFLICT (hash) DO UPDATE SET used_at = excluded.used_at`, d.hash(), f.now())
	if err != nil {
		return fmt.Errorf("note the blob %s: %w", d.hash(), err)
	}
	return f.cfg.Blobs.Put(ctx, blobs.Hash(d.hash()), d.size, d.reader())
}

func (f *Files) insert(ctx context.Context, owner domain.UserID, file domain.File) error {
	var waiting int
	err := f.cfg.DB.Read.GetContext(ctx, &waiting, `SELECT COUNT(*) FROM uploads WHERE owner = $1 AND command = '' AND id <> $2`, owner, file.ID)
	if err != nil {
		return fmt.Errorf("count the uploads of %s: %w", owner, err)
	}
	if waiting >= MaxWaiting {
		return domain.Errorf(domain.Refused, "too-many-uploads", "%d files wait to be attached; attach them, or wait a day", waiting)
	}
	_, err = f.cfg.DB.Write.NamedExecContext(ctx, `
		INSERT INTO uploads (id, owner, name, size, type, hash, width, height, thumbnail, thumbnail_type, command, used_at)
		VALUES (:id, :owner, :name, :size, :type, :hash, :width, :height, :thumbnail, :thumbnail_type, '', :used_at)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, size = excluded.size, type = excluded.type, hash = excluded.hash,
			width = excluded.width, height = excluded.height, thumbnail = excluded.thumbnail,
			thumbnail_type = excluded.thumbnail_type, used_at = excluded.used_at
		WHERE uploads.owner = excluded.owner`, newUpload(owner, file, f.now()))
	if err != nil {
		return fmt.Errorf("note the upload %s: %w", file.ID, err)
	}
	return nil
}

// Claim gives the owner's uploads to a command, which alone may attach them from
// now on. It leaves out what is not the owner's, claimed by another command, or
// gone. Claiming again for the same command is the same.
func (f *Files) Claim(ctx context.Context, owner domain.UserID, command uuid.UUID, ids []domain.AttachmentID) (_ map[domain.AttachmentID]domain.File, err error) {
	tx, err := f.cfg.DB.Write.BeginTxx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("claim uploads: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("claim uploads: %w", err), tx.Rollback())
		}
	}()
	claimed := map[domain.AttachmentID]domain.File{}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) { // in one order, so that no two claims wait for each other
		var u upload
		err := tx.GetContext(ctx, &u, `UPDATE uploads SET command = $1, used_at = $2 WHERE id = $3 AND owner = $4 AND command IN ('', $1)
			RETURNING id, owner, name, size, type, hash, width, height, thumbnail, thumbnail_type, used_at`, command.String(), f.now(), id, owner)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, err
		}
		claimed[id] = u.file()
	}
	if err := f.touch(ctx, tx, claimed); err != nil {
		return nil, err
	}
	return claimed, tx.Commit()
}

// touch keeps the content of the files for another day, and takes out those whose content is gone.
func (f *Files) touch(ctx context.Context, tx *sqlx.Tx, claimed map[domain.AttachmentID]domain.File) error {
	hashes := map[string]bool{}
	for _, file := range claimed {
		for _, hash := range hashesOf(file) {
			hashes[hash] = false
		}
	}
	for _, hash := range slices.Sorted(maps.Keys(hashes)) {
		result, err := tx.ExecContext(ctx, `UPDATE blobs SET used_at = $1 WHERE hash = $2`, f.now(), hash)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		hashes[hash] = n > 0
	}
	maps.DeleteFunc(claimed, func(_ domain.AttachmentID, file domain.File) bool {
		return slices.ContainsFunc(hashesOf(file), func(hash string) bool { return !hashes[hash] })
	})
	return nil
}

func hashesOf(file domain.File) []string {
	if file.Picture == nil {
		return []string{file.Hash}
	}
	return []string{file.Hash, file.Picture.Thumbnail}
}

// Release gives back what the command has claimed, as it has been refused and will attach nothing.
func (f *Files) Release(ctx context.Context, command uuid.UUID) error {
	if _, err := f.cfg.DB.Write.ExecContext(ctx, `UPDATE uploads SET command = '' WHERE command = $1`, command.String()); err != nil {
		return fmt.Errorf("release uploads: %w", err)
	}
	return nil
}
