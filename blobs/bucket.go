package blobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const bucketScheme = "s3://"

// Bucket keeps blobs as objects of an S3 bucket. An object is there whole or not at all.
type Bucket struct {
	client         *minio.Client
	bucket, prefix string
	where          string
}

// OpenBucket reads s3://[KEY:SECRET@]BUCKET[/PREFIX][?endpoint=https://HOST:PORT&region=REGION].
// Without an endpoint it is Amazon's; without a key, what AWS programs take too:
// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ~/.aws/credentials, the machine's
// role. It asks the server nothing yet. The bucket must exist.
func OpenBucket(address string) (*Bucket, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme+"://" != bucketScheme || u.Host == "" {
		return nil, errors.New("the address of a bucket is s3://[KEY:SECRET@]BUCKET[/PREFIX]?endpoint=https://HOST:PORT&region=REGION")
	}
	query := u.Query()
	for name := range query {
		if name != "endpoint" && name != "region" {
			return nil, fmt.Errorf("the address of a bucket has endpoint and region, not %q", name)
		}
	}
	endpoint, err := url.Parse(query.Get("endpoint"))
	if query.Get("endpoint") == "" {
		endpoint, err = url.Parse("https://s3.amazonaws.com")
	}
	if err != nil || endpoint.Host == "" || endpoint.Scheme != "https" && endpoint.Scheme != "http" || strings.Trim(endpoint.Path, "/") != "" {
		return nil, errors.New("the endpoint of a bucket is https://HOST[:PORT], or http:// for a server without TLS")
	}
	client, err := minio.New(endpoint.Host, &minio.Options{
		Creds: credentialsOf(u), Secure: endpoint.Scheme == "https", Region: query.Get("region"),
	})
	if err != nil {
		return nil, fmt.Errorf("open the bucket %s: %w", u.Host, err)
	}
	prefix := strings.Trim(u.Path, "/")
	if prefix != "" {
		prefix += "/"
	}
	return &Bucket{client: client, bucket: u.Host, prefix: prefix, where: u.Redacted()}, nil
}

func credentialsOf(u *url.URL) *credentials.Credentials {
	if u.User != nil {
		secret, _ := u.User.Password()
		return credentials.NewStaticV4(u.User.Username(), secret, "")
	}
	return credentials.NewChainCredentials([]credentials.Provider{
		&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}, &credentials.IAM{},
	})
}

// Where is the bucket's address without its secret.
func (b *Bucket) Where() string { return b.where }

func (b *Bucket) key(hash Hash) string { return b.prefix + string(hash[:2]) + "/" + string(hash) }

// Each call of the server has a deadline; content may take the longer one.
const (
	bucketTimeout   = 30 * time.Second
	transferTimeout = time.Hour
)

// Put writes the object in one request, so that nothing is left of it if it fails.
func (b *Bucket) Put(ctx context.Context, hash Hash, size int64, content io.Reader) error {
	if !hash.Valid() {
		return fmt.Errorf("%q is no hash", hash)
	}
	ctx, cancel := context.WithTimeout(ctx, transferTimeout)
	defer cancel()
	body := newChecked(content, hash, size)
	_, err := b.client.PutObject(ctx, b.bucket, b.key(hash), body, size, minio.PutObjectOptions{
		ContentType: "application/octet-stream", DisableMultipart: true,
	})
	if err != nil {
		return fmt.Errorf("write the blob %s: %w", hash, err)
	}
	return nil
}

// Open begins to read the object where it is read first.
func (b *Bucket) Open(ctx context.Context, hash Hash) (io.ReadSeekCloser, error) {
	if !hash.Valid() {
		return nil, ErrNotFound
	}
	// Reading outlives the request that opened it: it ends when the content is closed.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), transferTimeout)
	object, err := b.client.GetObject(ctx, b.bucket, b.key(hash), minio.GetObjectOptions{})
	if err == nil {
		_, err = object.Stat()
	}
	if err == nil {
		return &opened{object, cancel}, nil
	}
	cancel()
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return nil, ErrNotFound
	}
	return nil, fmt.Errorf("open the blob %s: %w", hash, err)
}

// opened is an object that is being read.
type opened struct {
	*minio.Object
	cancel context.CancelFunc
}

// Close ends reading.
func (o *opened) Close() error {
	defer o.cancel()
	return o.Object.Close()
}

// Delete removes the object; S3 says nothing of one that is not there.
func (b *Bucket) Delete(ctx context.Context, hash Hash) error {
	if !hash.Valid() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, bucketTimeout)
	defer cancel()
	if err := b.client.RemoveObject(ctx, b.bucket, b.key(hash), minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("delete the blob %s: %w", hash, err)
	}
	return nil
}

// List asks for page after page.
func (b *Bucket) List(ctx context.Context) iter.Seq2[Hash, error] {
	return func(yield func(Hash, error) bool) {
		ctx, cancel := context.WithTimeout(ctx, transferTimeout)
		defer cancel()
		for object := range b.client.ListObjectsIter(ctx, b.bucket, minio.ListObjectsOptions{Prefix: b.prefix, Recursive: true}) {
			if object.Err != nil {
				yield("", fmt.Errorf("list blobs: %w", object.Err))
				return
			}
			hash := Hash(object.Key[strings.LastIndexByte(object.Key, '/')+1:])
			if hash.Valid() && object.Key == b.key(hash) && !yield(hash, nil) {
				return
			}
		}
	}
}

// Check proves that blobs can be kept in the bucket.
func (b *Bucket) Check(ctx context.Context) error { return check(ctx, b) }
